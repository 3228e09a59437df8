"""A page about the quality of a cohort: what is missing, how values lie, what is wrong, what was observed."""
