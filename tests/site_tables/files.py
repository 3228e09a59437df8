"""A site's table as a file, with headings in one row or several."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from features.drafting.draft import draft_mapping
from features.drafting.heading_block import likely_heading
from features.drafting.toml_text import quoted
from features.files.read_table import FileFormat, read_sheet, table_of_sheet
from features.redcap.data_dictionary import DataDictionary, DictionaryField

GROUPS = ("Group A", "Group B", "Group C")


@dataclass(frozen=True)
class SiteTable:
    """A site's table.

    Parameters
    ----------
    grid : list of list of str
        Rows of the file, the headings first.
    mapping : str
        That imports it.
    truth : mapping of str to list of str
        Every cell of the cohort, by field.
    delimiter, encoding, name : str
        Of the file, and what was drawn.
    fields : tuple of DictionaryField
        Of a REDCap project.
    """

    grid: list[list[str]]
    mapping: str
    truth: Mapping[str, list[str]]
    delimiter: str
    encoding: str
    name: str
    fields: tuple[DictionaryField, ...] = ()

    def written(self, folder: Path) -> Path:
        """Write the file."""
        path = folder / "site.csv"
        content = io.StringIO()
        csv.writer(content, delimiter=self.delimiter, lineterminator="\n").writerows(self.grid)
        path.write_bytes(content.getvalue().encode(self.encoding, errors="replace"))
        return path

    def draft(self, path: Path) -> str:
        """Draft its mapping as the command does; columns that nothing uses are left out."""
        stated = FileFormat(encoding=None if self.encoding.startswith("utf") else self.encoding)
        content, sheet = read_sheet(path, stated)
        how = likely_heading(sheet, stated)
        dictionary = DataDictionary(self.fields) if self.fields else None
        text = draft_mapping(table_of_sheet(sheet, path.name, content, how), how, dictionary).text
        return text.replace("[table]", "[table]\nignore_others = true", 1)


def grouped_headings(table: SiteTable) -> SiteTable:
    """Put groups above the headings, each named in its first column only."""
    headings, *rows = table.grid
    size = len(headings) // len(GROUPS) + 1
    above = [GROUPS[place // size] if place % size == 0 else "" for place in range(len(headings))]
    mapping = table.mapping.replace("[table]", "[table]\nheading_rows = 2", 1)
    for place, heading in enumerate(headings):
        joined = quoted(f"{GROUPS[place // size]} / {heading}")
        mapping = re.sub(rf"(?<![\w/] ){re.escape(quoted(heading))}(?! = \{{ y)", joined, mapping)
        mapping = re.sub(rf"only_if = \{{ {re.escape(heading)} =", f"only_if = {{ {joined} =", mapping)
    return replace(table, grid=[above, headings, *rows], mapping=mapping, name=f"{table.name}, groups")


def title_above(table: SiteTable) -> SiteTable:
    """Write a title into the first row."""
    title = ["CAR T cells", *[""] * (len(table.grid[0]) - 1)]
    mapping = table.mapping.replace("[table]", "[table]\nheading_row = 2", 1)
    return replace(table, grid=[title, *table.grid], mapping=mapping, name=f"{table.name}, title")
