"""A cohort file is read and checked: every problem of it at once."""
