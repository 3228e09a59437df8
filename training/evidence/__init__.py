"""From published rows to the prior of an outcome."""
