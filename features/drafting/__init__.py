"""A first draft of a mapping file: guesses from headings and values, each with its reason."""
