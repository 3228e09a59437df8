"""What a model is worth: cross-validation, centers, subgroups, calibration, summary."""
