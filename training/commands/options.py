"""Arguments and options that several commands share, and how their values are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_SEED = 20260101

# Typer would report an unreadable file as a usage error; the command refuses it and says why.
COHORT_HELP = "Cohort file (CSV, Excel, Parquet, SPSS, Stata or SAS) with the schema's columns"
CohortFile = Annotated[Path, typer.Argument(readable=False, help=COHORT_HELP)]
RawTableFile = Annotated[
    Path, typer.Argument(readable=False, help="Site's own table, e.g. a raw REDCap export")
]
MappingFile = Annotated[
    str,
    typer.Option(
        "--mapping", help="TOML file that maps a site's own table to the schema (see docs/mapping.md)"
    ),
]
BundleFolder = Annotated[
    str, typer.Option("--bundle", help="Bundle folder to use instead of the released one")
]
EvidenceFile = Annotated[
    str,
    typer.Option(
        "--evidence-file",
        help="CSV file of the site's own evidence, with the columns of data/evidence/effects.csv",
    ),
]
ExcludedSources = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude-source",
        metavar="SOURCE",
        help="DOI, PMID or citation to exclude, e.g. the center's own study; repeatable",
    ),
]
Literature = Annotated[
    bool, typer.Option("--evidence/--no-evidence", help="Use published evidence as the prior")
]
CohortName = Annotated[
    str,
    typer.Option(
        "--name", metavar="NAME", help="Name of the cohort in bundle and MLflow (default: file name)"
    ),
]
HomeCenter = Annotated[
    str,
    typer.Option(
        "--home-center",
        metavar="NAME",
        help="Center to predict for and to validate in, as in the column center (default: a new center)",
    ),
]
Grading = Annotated[
    str, typer.Option(metavar="SYSTEM", help="Additional CRS grading scale to accept, e.g. lee_2014")
]
Overwrite = Annotated[bool, typer.Option("--overwrite/--keep", help="Replace existing output files")]
ShowSmallCounts = Annotated[
    bool,
    typer.Option(
        "--show-small-counts/--hide-small-counts",
        help="Keep counts of fewer than five, which can identify a patient, in what is written",
    ),
]
AssumeRemission = Annotated[
    bool,
    typer.Option(
        "--assume-remission/--no-assume-remission",
        help="Count infusions without a response assessment as in remission if followed beyond day 60",
    ),
]
Workers = Annotated[
    int,
    typer.Option(min=0, max=1024, help="Worker processes on this machine (0: one for each physical core)"),
]
Dask = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS", help="Address of a Dask scheduler whose workers fit, e.g. tcp://10.0.0.5:8786"
    ),
]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on")]


def given_path(given: str) -> Path | None:
    """Take an empty option, as MLproject passes it, as not given."""
    return Path(given) if given else None


def listed(given: list[str] | None) -> tuple[str, ...]:
    """Take repeated options and, as MLproject passes them, names joined by commas."""
    return tuple(name.strip() for item in given or [] for name in item.split(",") if name.strip())


def listed_sources(given: list[str] | None) -> tuple[str, ...]:
    """Take repeated options and, as MLproject passes them, sources joined by a bar: citations have commas."""
    return tuple(source.strip() for item in given or [] for source in item.split("|") if source.strip())
