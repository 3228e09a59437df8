"""Arguments and options that several commands share, and how what was given is read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_SEED = 20260101

# Typer would end an unreadable file as a usage error; ours says why, and is a refusal.
COHORT_HELP = "CSV, Excel, Parquet, SPSS, Stata or SAS file in the schema's columns."
CohortFile = Annotated[Path, typer.Argument(readable=False, help=COHORT_HELP)]
MappingFile = Annotated[
    str, typer.Option("--mapping", help="TOML file that maps a site's own table (see docs/mapping.md).")
]
BundleFolder = Annotated[str, typer.Option("--bundle", help="A bundle folder instead of the released one.")]
EvidenceFile = Annotated[
    str,
    typer.Option(
        "--evidence-file", help="A site's own rows, CSV in the columns of data/evidence/effects.csv."
    ),
]
ExcludedSources = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude-source",
        metavar="SOURCE",
        help="DOI, PMID or citation to leave out, such as a centre's own; may be repeated.",
    ),
]
Literature = Annotated[bool, typer.Option("--evidence/--no-evidence", help="Use the published rows at all.")]
CohortName = Annotated[
    str,
    typer.Option(
        "--name", metavar="NAME", help="Name of the cohort in bundle and MLflow; the file's name by default."
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite/--keep", help="Replace existing output files.")]
AssumeRemission = Annotated[
    bool,
    typer.Option(
        "--assume-remission/--no-assume-remission",
        help="Count infusions without a response assessment as in remission if followed beyond day 60.",
    ),
]
Port = Annotated[int, typer.Option(min=1, max=65535)]


def given_path(given: str) -> Path | None:
    """Take an empty option, as MLproject passes it, as not given."""
    return Path(given) if given else None


def listed(given: list[str] | None) -> tuple[str, ...]:
    """Take repeated options and, as MLproject passes them, names joined by commas."""
    return tuple(name.strip() for item in given or [] for name in item.split(",") if name.strip())


def listed_sources(given: list[str] | None) -> tuple[str, ...]:
    """Take repeated options and, as MLproject passes them, sources joined by a bar: citations have commas."""
    return tuple(source.strip() for item in given or [] for source in item.split("|") if source.strip())
