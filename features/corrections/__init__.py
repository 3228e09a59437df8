"""Problems of a table as a list to correct, and the corrected list applied to the table."""
