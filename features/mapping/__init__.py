"""A site's own table is brought into the schema's columns by a mapping file."""
