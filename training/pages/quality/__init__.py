"""The data-quality page of a cohort."""
