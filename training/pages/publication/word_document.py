"""The tables of a manuscript as one Word document: real tables, with captions, heading rows and footnotes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from training.pages.publication.manuscript_table import ManuscriptTable, with_mask_note
from training.pages.xml_text import xml_text

PAGE_MM = (210, 297)
MARGIN_MM = 20
FONT, HEADING_PT, SIZE_PT, NOTE_PT = "Times New Roman", 12, 9, 8
LETTERS = (12, 34)
"""A column has at least and at most the room of so many letters, before all are fitted to the page."""
WIDE = 7
"""A table with so many columns is put on pages in landscape."""
LONGEST_PROPERTY = 255
"""Characters that Word allows in the title of a document."""
NO_TIME = datetime(2000, 1, 1)
NO_FILE_TIME = (1980, 1, 1, 0, 0, 0)
"""The same document has the same bytes whenever it is written."""


def word_document(tables: Sequence[ManuscriptTable], *, title: str, captions: Sequence[str] = ()) -> bytes:
    """Write tables, and captions of figures, as a Word document.

    Parameters
    ----------
    tables : sequence of ManuscriptTable
        Numbered in their order; one without rows is left out.
    title : str
        Of the document.
    captions : sequence of str
        Of the figures, at the end.

    Returns
    -------
    content : bytes
        Of a file ``.docx``; the same for the same tables. Characters that XML cannot hold are left out.
    """
    document, filled = Document(), [each for each in tables if each.rows]
    _prepare(document, title, landscape=bool(filled) and _is_wide(filled[0]))
    for number, table in enumerate(filled, start=1):
        _add_table(document, table, number)
    if captions:
        _section(document, landscape=False)
        document.add_heading("Figure captions", level=1)
        for caption in captions:
            document.add_paragraph(xml_text(caption))
    return _without_times(document)


def _prepare(document: Any, title: str, *, landscape: bool) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(SIZE_PT)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(3)
    for name in ("Title", "Heading 1", "Caption"):
        document.styles[name].font.name = FONT
        document.styles[name].font.color.rgb = None
    document.styles["Heading 1"].font.size = Pt(HEADING_PT)
    facts = document.core_properties
    facts.author, facts.title, facts.comments = "", xml_text(title)[:LONGEST_PROPERTY], ""
    facts.created = facts.modified = NO_TIME
    document.add_heading(xml_text(title), level=1)
    _set_page(document.sections[0], landscape=landscape)


def _add_table(document: Any, table: ManuscriptTable, number: int) -> None:
    if number > 1:
        _section(document, landscape=_is_wide(table))
    caption = document.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = True
    caption.add_run(xml_text(f"Table {number}. {table.title}"))
    made = document.add_table(rows=1, cols=len(table.headings))
    made.autofit = False
    _fill(made.rows[0], table.headings, bold=True)
    _repeat(made.rows[0])
    for row in table.rows:
        _fill(made.add_row(), row)
    _set_widths(made, document.sections[-1], _shares(table))
    _rule(made)
    for note in with_mask_note(table):
        document.add_paragraph(xml_text(note)).runs[0].font.size = Pt(NOTE_PT)


def _is_wide(table: ManuscriptTable) -> bool:
    return len(table.headings) >= WIDE


def _fill(row: Any, cells: Sequence[str], *, bold: bool = False) -> None:
    for position, (cell, words) in enumerate(zip(row.cells, cells, strict=True)):
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(xml_text(words))
        run.bold, run.font.size = bold, Pt(NOTE_PT)
        paragraph.paragraph_format.space_after = Pt(0)
        if position:
            paragraph.alignment = WD_PARAGRAPH_ALIGNMENT.CENTER
    unsplit = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(unsplit)


def _repeat(row: Any) -> None:
    """Mark a row as a heading row: repeated on every page, and read as such by screen readers."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _shares(table: ManuscriptTable) -> list[float]:
    """Give the share of the width that each column needs, by its longest cell."""
    columns = zip(*table.rows, strict=True)
    letters = [min(max(LETTERS[0], *map(len, column)), LETTERS[1]) for column in columns]
    return [each / sum(letters) for each in letters]


def _set_widths(table: Any, section: Any, shares: Sequence[float]) -> None:
    room = section.page_width - section.left_margin - section.right_margin
    for column, share in zip(table.columns, shares, strict=True):
        column.width = int(room * share)
        for cell in column.cells:
            cell.width = int(room * share)


def _rule(table: Any) -> None:
    """Draw the three rules of a printed table: above and below the headings, and at the end."""
    _borders(table.rows[0], top=True, bottom=True)
    _borders(table.rows[-1], top=len(table.rows) == 1, bottom=True)


def _borders(row: Any, *, top: bool, bottom: bool) -> None:
    for cell in row.cells:
        borders = OxmlElement("w:tcBorders")
        for side in [name for name, drawn in (("top", top), ("bottom", bottom)) if drawn]:
            line = OxmlElement(f"w:{side}")
            for key, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
                line.set(qn(f"w:{key}"), value)
            borders.append(line)
        cell._tc.get_or_add_tcPr().append(borders)


def _section(document: Any, *, landscape: bool) -> None:
    """Begin a new page of the orientation."""
    _set_page(document.add_section(), landscape=landscape)


def _set_page(section: Any, *, landscape: bool) -> None:
    short, long = (Mm(each) for each in PAGE_MM)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if landscape else (short, long)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(MARGIN_MM))


def _without_times(document: Any) -> bytes:
    """Save a document, its parts without the time at which they were written."""
    saved, same = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, NO_FILE_TIME)
            part.compress_type, part.create_system, part.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            target.writestr(part, source.read(name))
    return same.getvalue()
