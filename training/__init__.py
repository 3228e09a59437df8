"""From a cohort to a measured, recorded, released model."""
