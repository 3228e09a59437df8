"""Tables as sites keep them, made of a cohort whose every value is known."""
