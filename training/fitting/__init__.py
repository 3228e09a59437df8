"""A whole training, with or without nested tuning; it ends in a bundle."""
