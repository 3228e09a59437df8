"""From a training set and a prior to a fitted risk model."""
