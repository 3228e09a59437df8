"""Checks before a release, the note of the champion, and BentoML's store."""
