"""The report of a version by TRIPOD+AI."""
