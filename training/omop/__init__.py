"""From an OMOP database to a site's table with a mapping."""
