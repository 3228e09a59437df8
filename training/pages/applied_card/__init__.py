"""The Applied Model Card of the Coalition for Health AI."""
