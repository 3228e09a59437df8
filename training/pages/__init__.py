"""Pages for people as HTML: data quality, report, comparison."""
