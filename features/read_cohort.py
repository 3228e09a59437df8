"""The one door for cohorts: a file, and a mapping file where it is a site's own table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from features.checking.cell_provenance import Origin
from features.checking.check_table import check_table
from features.cohort import Cohort
from features.files.raw_table import RawTable
from features.files.read_table import read_table
from features.mapping.conversion import Mapped
from features.mapping.definition import SiteMapping
from features.mapping.file import read_mapping
from features.mapping.mapped import map_table
from features.redcap.export import infusions_of
from features.redcap.labels import with_names
from features.redcap.system_columns import is_redcap_export
from features.short_repr import ShortRepr

Correct = Callable[[RawTable], RawTable]
"""Changes cells of a site's table before they are converted."""


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


def open_table(path: Path, *, mapping: Path | None = None, correct: Correct | None = None) -> Mapped:
    """Read a file and bring it into the schema's columns, not checked yet.

    A raw export of a REDCap project that was made from the schema's own dictionary needs no mapping.

    Parameters
    ----------
    path : Path
        The file.
    mapping : Path, optional
        TOML file that says how a site's own table becomes the schema's columns.
    correct : callable, optional
        Corrects cells of the site's table before they are converted.

    Returns
    -------
    mapped : Mapped
    """
    return mapped_source(read_source(path, mapping=mapping), correct=correct)


def read_mapped(path: Path, mapping: Path) -> Mapped:
    """Read a site's table and bring it into the schema's columns, not checked yet."""
    return open_table(path, mapping=mapping)


@dataclass(frozen=True, repr=False)
class Source(ShortRepr):
    """The content of a file, and the mapping file that explains it.

    Parameters
    ----------
    table : RawTable
        In the site's columns.
    mapping : SiteMapping, optional
        None for a cohort in the schema's columns and for an export that needs no mapping.
    file : Path, optional
        The file: further tables may be sheets of it.
    """

    table: RawTable
    mapping: SiteMapping | None = None
    file: Path | None = None


def read_source(path: Path, *, mapping: Path | None = None) -> Source:
    """Read a file in its own columns.

    Parameters
    ----------
    path : Path
        The file.
    mapping : Path, optional
        TOML file that says how it is written.

    Returns
    -------
    source : Source

    Raises
    ------
    DataError
        If file or mapping cannot be read.
    """
    if mapping is None:
        return Source(read_table(path, relabel=with_names))
    says = read_mapping(mapping)
    return Source(read_table(path, says.file_format), says, path)


def mapped_source(source: Source, *, correct: Correct | None = None) -> Mapped:
    """Bring a file that was read into the schema's columns, not checked yet."""
    table = correct(source.table) if correct else source.table
    if source.mapping is not None:
        return map_table(source.mapping, table, workbook=source.file)
    return infusions_of(table) if is_redcap_export(table.columns) else Mapped(table, Origin(), table.notes)
