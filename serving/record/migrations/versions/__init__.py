"""One module a change of the tables, each after the one that it names."""
