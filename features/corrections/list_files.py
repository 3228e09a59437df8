"""The list as a file: an Excel workbook with locked cells and choices, or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from features.corrections.decisions import HIDDEN, SHA256, TO_FILL_IN, Choice, Heading, as_text
from features.corrections.fix_list import Fix

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""In place of a control character, which no workbook can hold; keys are made of the cell itself."""

WIDTHS = {
    Heading.ROW: 8,
    Heading.COLUMN: 24,
    Heading.VALUE: 24,
    Heading.PROBLEM: 60,
    Heading.EXPECTED: 36,
    Heading.DECISION: 26,
    Heading.CORRECTED: 24,
    Heading.COMMENT: 36,
}


def as_csv(fixes: Sequence[Fix], *, sha256: str) -> str:
    """Write the list as CSV.

    Parameters
    ----------
    fixes : sequence of Fix
    sha256 : str
        Digest of the table that they are of.

    Returns
    -------
    content : str
        A cell that a spreadsheet would run as a formula starts with an apostrophe.

    Examples
    --------
    >>> print(as_csv([Fix("outside_limits", "must be 0 to 4", 2, "ecog", "-7")], sha256="00").splitlines()[1])
    2,ecog,'-7,must be 0 to 4,,,,,outside_limits,sha256:00,,
    """
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow([heading.value for heading in Heading])
    writer.writerows([as_text(cell) for cell in _cells(fix, sha256).values()] for fix in fixes)
    return content.getvalue()


def as_workbook(fixes: Sequence[Fix], *, sha256: str) -> bytes:
    """Write the list as an Excel workbook.

    Parameters
    ----------
    fixes : sequence of Fix
    sha256 : str
        Digest of the table that they are of.

    Returns
    -------
    content : bytes
        Of one sheet. Every cell is text, so that nothing is run as a formula and a typed value stays as it is
        typed. Only decision, corrected value and comment can be changed; the keys are hidden.
    """
    import openpyxl
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font, Protection
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Fixes"
    for at, heading in enumerate(Heading, start=1):
        sheet.cell(1, at, heading.value).font = Font(bold=True)
        column = sheet.column_dimensions[get_column_letter(at)]
        column.width = WIDTHS.get(heading, 12)
        column.hidden = heading in HIDDEN
    for line, fix in enumerate(fixes, start=2):
        for at, (heading, text) in enumerate(_cells(fix, sha256).items(), start=1):
            cell = sheet.cell(line, at)
            if text:
                cell.value = ILLEGAL_CHARACTERS_RE.sub(UNREADABLE, text)
                # openpyxl takes a text that starts with = as a formula.
                cell.data_type = "s"
            cell.number_format = "@"
            cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.protection = Protection(locked=heading not in TO_FILL_IN)
    _offer_choices(sheet, lines=len(fixes))
    sheet.freeze_panes = "A2"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.autoFilter = False
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _cells(fix: Fix, sha256: str) -> dict[Heading, str]:
    return {
        Heading.ROW: str(fix.row or ""),
        Heading.COLUMN: fix.column,
        Heading.VALUE: fix.value,
        Heading.PROBLEM: fix.words,
        Heading.EXPECTED: fix.expected,
        Heading.DECISION: "",
        Heading.CORRECTED: "",
        Heading.COMMENT: "",
        Heading.KIND: fix.code,
        Heading.FILE_KEY: f"{SHA256}{sha256}",
        Heading.ROW_KEY: fix.row_key,
        Heading.CELL_KEY: fix.cell_key,
    }


def _offer_choices(sheet: object, *, lines: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    choices = DataValidation(type="list", formula1=f'"{",".join(Choice)}"', allow_blank=True)
    letter = get_column_letter(list(Heading).index(Heading.DECISION) + 1)
    choices.add(f"{letter}2:{letter}{max(lines, 1) + 1}")
    sheet.add_data_validation(choices)  # type: ignore[attr-defined]
