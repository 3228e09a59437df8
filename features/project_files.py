"""Where the project's own data are: published evidence, the synthetic cohort, documents of the schema."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parents[1]
_IN_WHEEL = Path(__file__).parent / "data"
DATA = _IN_WHEEL if _IN_WHEEL.is_dir() else PROJECT / "data"
"""In an installed wheel the published evidence is inside the package; in a checkout beside it."""
EVIDENCE = DATA / "evidence"
