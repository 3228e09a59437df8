"""The one door for cohorts: a file, and a mapping file where it is a site's own table."""

from __future__ import annotations

from pathlib import Path

from features.cohort import Cohort
from features.intake.checking import check_table
from features.intake.tables import read_table
from features.mapping.file import read_mapping
from features.mapping.mapped import Mapped, map_table


def read_cohort(path: Path, *, mapping: Path | None = None) -> Cohort:
    """Read and check a cohort.

    Parameters
    ----------
    path : Path
        CSV, Parquet or Excel file.
    mapping : Path, optional
        TOML file that says how a site's own table becomes the schema's columns.

    Returns
    -------
    cohort : Cohort
        Row by row as in the file.

    Raises
    ------
    DataError
        With every problem of the file.

    Examples
    --------
    >>> read_cohort(Path("no-such-cohort.csv"))
    Traceback (most recent call last):
        ...
    features.problems.DataError: no-such-cohort.csv: 1 problem
      the file does not exist
    """
    if mapping is None:
        return check_table(read_table(path))
    mapped = read_mapped(path, mapping)
    return check_table(mapped.table, mapped.origin)


def read_mapped(path: Path, mapping: Path) -> Mapped:
    """Read a site's table and bring it into the schema's columns, not checked yet."""
    says = read_mapping(mapping)
    return map_table(says, read_table(path, says.file_format))
