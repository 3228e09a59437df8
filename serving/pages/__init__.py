"""Pages for people, as text with ``$names`` to be filled in."""
