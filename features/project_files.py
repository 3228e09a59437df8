"""Where the project's own data are: published evidence, the synthetic cohort, documents of the schema."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parents[1]
DATA = PROJECT / "data"
EVIDENCE = DATA / "evidence"
