"""Tasks: pure functions with their arguments, run here, by processes of this machine, or by a cluster."""
