"""The page with every figure and table of a training."""

from __future__ import annotations

import re
from urllib.parse import unquote

from training.records.index_page import LONGEST_TEXT, MOST_ROWS, ListedRun, index_page

HOSTILE = '<script>alert("x")</script>'


def test_every_text_is_escaped() -> None:
    """Titles, names of files, cells and texts."""
    run = ListedRun(
        HOSTILE,
        HOSTILE,
        figures={f"{HOSTILE}.png": b"p", "drawn'.svg": f"<svg a='%#&'>{HOSTILE}</svg>".encode()},
        tables={f"{HOSTILE}.csv": f"{HOSTILE},b\n{HOSTILE},1\n", "note.txt": HOSTILE},
        grids={HOSTILE: {HOSTILE: [HOSTILE]}},
    )
    page = index_page(HOSTILE, [run])
    (drawn,) = re.findall(r"src='data:image/svg\+xml,([^']*)'", page)
    assert unquote(drawn) == f"<svg a='%#&'>{HOSTILE}</svg>"
    assert "<script" not in page.replace(drawn, "")
    assert page.count("&lt;script&gt;") >= 9


def test_pictures_are_in_the_page_and_other_files_are_named() -> None:
    """Nothing is loaded from elsewhere."""
    page = index_page("t", [ListedRun("relapse", figures={"a.png": b"\x01", "b.jpg": b"\x02", "c.pdf": b""})])
    assert "src='data:image/png;base64,AQ=='" in page
    assert "src='data:image/jpeg;base64,Ag=='" in page
    assert "File: c.pdf" in page
    assert "alt='a of relapse'" in page


def test_svg_is_written_as_text() -> None:
    """It is shorter than in base64."""
    page = index_page("t", [ListedRun("r", figures={"a.svg": b'<svg width="1pt"/>'})])
    assert """src='data:image/svg+xml,<svg width="1pt"/>'""" in page
    assert "base64" not in page


def test_long_tables_and_texts_are_cut() -> None:
    """The file has all of it."""
    rows = {"n": list(range(MOST_ROWS + 5))}
    page = index_page(
        "t", [ListedRun("r", grids={"g.json": rows}, tables={"x.txt": "y" * (LONGEST_TEXT + 9)})]
    )
    assert page.count("<tr><td>") == MOST_ROWS
    assert f"first {MOST_ROWS} of {MOST_ROWS + 5} rows" in page
    assert "y" * (LONGEST_TEXT + 1) not in page


def test_a_run_without_artifacts_is_left_out() -> None:
    """Nor is it in the list of contents."""
    page = index_page("t", [ListedRun("empty"), ListedRun("full", grids={"g.json": {"n": [None, 0.123456]}})])
    assert "empty" not in page
    assert "<td>-<tr>" in page
    assert "<td>0.1235<" in page


def test_long_numbers_of_a_file_are_rounded() -> None:
    """Whole numbers, names and short numbers stay as they are."""
    text = "a,b,c,d,e\n0.008223946419225138,123456789,-2.8e-05,57.4,1.2.3.4.5.6\n"
    page = index_page("t", [ListedRun("r", tables={"t.csv": text})])
    assert "<tr><td>0.008224<td>123456789<td>-2.8e-05<td>57.4<td>1.2.3.4.5.6<" in page
