"""A released model on other patients, and its update."""
