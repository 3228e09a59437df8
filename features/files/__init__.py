"""From the bytes of a file to a table of cells as they stand there, and whole files back to disk."""
