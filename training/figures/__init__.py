"""Figures of a training, drawn with matplotlib."""
