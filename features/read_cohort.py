"""The one door for cohorts: a file, and a mapping file where it is a site's own table."""

from __future__ import annotations

from pathlib import Path

from features.checking.cell_provenance import Origin
from features.checking.check_table import check_table
from features.cohort import Cohort
from features.files.read_table import read_table
from features.mapping.conversion import Mapped
from features.mapping.file import read_mapping
from features.mapping.mapped import map_table
from features.redcap.export import infusions_of
from features.redcap.labels import with_names
from features.redcap.system_columns import is_redcap_export


def read_cohort(path: Path, *, mapping: Path | None = None) -> Cohort:
    """Read and check a cohort.

    Parameters
    ----------
    path : Path
        CSV, Excel, Parquet, SPSS, Stata or SAS file.
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
    opened = open_table(path, mapping=mapping)
    return check_table(opened.table, opened.origin)


def open_table(path: Path, *, mapping: Path | None = None) -> Mapped:
    """Read a file and bring it into the schema's columns, not checked yet.

    A raw export of a REDCap project that was made from the schema's own dictionary needs no mapping.
    """
    if mapping is not None:
        return read_mapped(path, mapping)
    table = read_table(path, relabel=with_names)
    if is_redcap_export(table.columns):
        return infusions_of(table)
    return Mapped(table, Origin(), table.notes)


def read_mapped(path: Path, mapping: Path) -> Mapped:
    """Read a site's table and bring it into the schema's columns, not checked yet."""
    says = read_mapping(mapping)
    return map_table(says, read_table(path, says.file_format))
