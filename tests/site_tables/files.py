"""A site's table as a text file or a workbook, and the draft that a person finishes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import openpyxl

from features.drafting.draft import draft_mapping
from features.drafting.drafted_tables import first_table, further_table
from features.drafting.repeats import FurtherTable
from features.drafting.toml_text import quoted
from features.files.read_table import FileFormat
from features.redcap.data_dictionary import DataDictionary, DictionaryField
from tests.site_tables.columns import Stored
from tests.site_tables.layouts import Cells

ANSWERS = ("dates", "two_digit_years", "partial", "time_zone", "thousands")
"""Keys that a person fills in where a draft leaves them open."""

LABORATORY = "Labs"
"""Sheet with laboratory values."""
SHEET = {"sheet": quoted(LABORATORY), "heading_row": "1", "heading_rows": "1"}
"""Where it is; its headings are not those of the first sheet."""

OVER_TIME = "# Values over time"
"""How the part of a draft with further tables begins."""


@dataclass(frozen=True)
class SiteTable:
    """A site's table.

    Parameters
    ----------
    grid : list of list of Stored
        Rows of the file, the headings first; text, but for a workbook that stores numbers.
    mapping : str
        That imports it.
    truth : mapping of str to list of str
        Every cell of the cohort, by field.
    name : str
        What was drawn.
    answers : mapping of str to str
        What a person knows and a draft may ask: keys of ``[table]`` as TOML, and the identifier.
    delimiter, encoding : str
        Of a text file.
    sheets : mapping of str to grid
        Sheets of the workbook besides ``Data``; empty for a workbook of one sheet, None for a text file.
    merged : tuple of Cells
        Of the workbook.
    files : mapping of str to bytes
        Further tables.
    fields : tuple of DictionaryField
        Of a REDCap project.
    laboratory : mapping of str to str
        What a person knows of a laboratory table: keys as TOML.
    """

    grid: list[list[Stored]]
    mapping: str
    truth: Mapping[str, list[str]]
    name: str
    answers: Mapping[str, str]
    delimiter: str = ","
    encoding: str = "utf-8"
    sheets: Mapping[str, list[list[Stored]]] | None = None
    merged: tuple[Cells, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    fields: tuple[DictionaryField, ...] = ()
    laboratory: Mapping[str, str] = field(default_factory=dict)

    def written(self, folder: Path) -> Path:
        """Write the file, and further files beside it."""
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        if self.sheets is not None:
            return self._workbook(folder / "site.xlsx", self.sheets)
        path = folder / "site.csv"
        path.write_bytes(delimited(self.grid, self.delimiter).encode(self.encoding, errors="replace"))
        return path

    def _workbook(self, path: Path, sheets: Mapping[str, list[list[Stored]]]) -> Path:
        book = openpyxl.Workbook()
        first = book.worksheets[0]
        first.title = "Data"
        for row in self.grid:
            first.append([None if cell == "" else cell for cell in row])
        for top, bottom, left, right in self.merged:
            first.merge_cells(start_row=top, end_row=bottom, start_column=left, end_column=right)
        for name, grid in sheets.items():
            sheet = book.create_sheet(name)
            for row in grid:
                sheet.append([None if cell == "" else cell for cell in row])
        book.save(path)
        return path

    def draft(self, path: Path) -> str:
        """Draft its mapping as the command does, and finish it as a person does who knows the site."""
        plain = self.sheets is not None or self.encoding.startswith("utf-8")
        stated = FileFormat(encoding=None if plain else self.encoding, sheet="Data" if self.sheets else None)
        table, how = first_table(path, stated)
        dictionary = DataDictionary(self.fields) if self.fields else None
        return self.finished(draft_mapping(table, how, dictionary, further=self._further(path, how)).text)

    def _further(self, path: Path, how: FileFormat) -> list[FurtherTable]:
        """Read the laboratory table that the command is given."""
        names = [LABORATORY] if LABORATORY in (self.sheets or {}) else []
        names += [str(path.with_name(name)) for name in self.files]
        return [replace(further_table(path, name, how), name="labs") for name in names]

    def finished(self, draft: str) -> str:
        """Answer what a draft leaves open; guesses that it comments out stay comments."""
        text, _, over_time = draft.partition(OVER_TIME)
        text = text.replace("[table]", "[table]\nignore_others = true", 1)
        for key in ANSWERS:
            if re.search(rf"^# {key} = ", text, re.MULTILINE) and key in self.answers:
                text = re.sub(rf"^# {key} = .*\n", "", text, flags=re.MULTILINE)
                text = text.replace("[table]", f"[table]\n{key} = {self.answers[key]}", 1)
        text = text.replace("\n# ignore_instruments", "\nignore_instruments")
        text = text.replace('patient_id = "?"', f"patient_id = {self.answers['patient_id']}")
        return self._with_values_over_time(text, over_time) if over_time and self.laboratory else text

    def _with_values_over_time(self, text: str, part: str) -> str:
        """Take over what is drafted of a laboratory table, and say what it leaves open."""
        lines = [line.removeprefix("# ") for line in part.splitlines()[2:]]
        for place, line in enumerate(lines):
            key, is_open, _ = line.partition(' = "?"')
            if is_open and key in self.laboratory:
                lines[place] = f"{key} = {self.laboratory[key]}"
        text = text.replace("\nignore_instruments", "\n# ignore_instruments")
        infusion = f"[table]\ninfusion_date = {self.laboratory['infusion_date']}"
        return "\n".join([text.replace("[table]", infusion, 1), *lines])


def delimited(grid: Sequence[Sequence[Stored]], delimiter: str) -> str:
    """Write rows as text."""
    content = io.StringIO()
    csv.writer(content, delimiter=delimiter, lineterminator="\n").writerows(grid)
    return content.getvalue()
