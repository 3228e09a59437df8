"""From a table in the schema's columns to a cohort, or to everything that is wrong with it."""
