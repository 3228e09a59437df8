"""The page with every figure and table of a training."""

from __future__ import annotations

from training.records.index_page import LONGEST_TEXT, MOST_ROWS, ListedRun, index_page

HOSTILE = '<script>alert("x")</script>'


def test_every_text_is_escaped() -> None:
    """Titles, names of files, cells and texts."""
    run = ListedRun(
        HOSTILE,
        HOSTILE,
        {f"{HOSTILE}.png": b"p"},
        {f"{HOSTILE}.csv": f"{HOSTILE},b\n{HOSTILE},1\n", "note.txt": HOSTILE},
        {HOSTILE: {HOSTILE: [HOSTILE]}},
    )
    page = index_page(HOSTILE, [run])
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 9


def test_pictures_are_in_the_page_and_other_files_are_named() -> None:
    """Nothing is loaded from elsewhere."""
    page = index_page(
        "t", [ListedRun("relapse", figures={"a.png": b"\x01", "b.svg": b"<svg/>", "c.pdf": b""})]
    )
    assert 'src="data:image/png;base64,AQ=="' in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "File: c.pdf" in page
    assert 'alt="a of relapse"' in page


def test_long_tables_and_texts_are_cut() -> None:
    """The file has all of it."""
    rows = {"n": list(range(MOST_ROWS + 5))}
    page = index_page(
        "t", [ListedRun("r", grids={"g.json": rows}, tables={"x.txt": "y" * (LONGEST_TEXT + 9)})]
    )
    assert page.count("<tr><td>") == MOST_ROWS
    assert "y" * (LONGEST_TEXT + 1) not in page


def test_a_run_without_artifacts_is_left_out() -> None:
    """Nor is it in the list of contents."""
    page = index_page("t", [ListedRun("empty"), ListedRun("full", grids={"g.json": {"n": [None, 0.123456]}})])
    assert "empty" not in page
    assert "<td>-</td>" in page
    assert "<td>0.1235</td>" in page
