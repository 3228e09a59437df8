"""Two models on the same patients."""
