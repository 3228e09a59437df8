"""From the bytes of a file to a table of its cells, and whole files back to disk."""
