"""Synthetic cohorts with known truth: for demonstrations and tests, never for medicine."""
