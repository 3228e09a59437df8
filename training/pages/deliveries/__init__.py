"""The page that compares two deliveries of a cohort."""
