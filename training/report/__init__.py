"""A report of a model for a journal or a registry: TRIPOD+AI item by item, and all that a risk is made of."""
