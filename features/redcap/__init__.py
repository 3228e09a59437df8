"""A REDCap project made from the schema: its data dictionary, and its exports."""
