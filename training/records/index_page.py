"""One page with every figure of a training and the first rows of its tables, without a script."""

from __future__ import annotations

import csv
import io
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import PurePath
from string import ascii_letters, digits, punctuation
from urllib.parse import quote

INDEX_FILE = "index.html"
IN_ADDRESS = "".join(sorted(set(f"{ascii_letters}{digits}{punctuation} ") - set("%#'&")))
"""Characters of an SVG that are written as they are in an address between single quotes."""
SVG = ".svg"
"""Ending of a picture that is text."""
PICTURES = {".png": "image/png", ".jpg": "image/jpeg"}
"""Other kinds of files that are shown as pictures, by their ending."""
MOST_ROWS = 60
"""Rows of a table on the page; the file has all."""
LONGEST_NUMBER = 7
"""Characters of a number in a file that are shown; a longer one is rounded to four digits."""
DECIMAL = re.compile(r"-?\d+\.\d+(e-?\d+)?", re.ASCII)
"""A number of a file that may be rounded."""
LONGEST_TEXT = 20_000
"""Characters of a text on the page; the file has all."""
STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; color: #1b1b1b; margin: 1.5rem; max-width: 76rem; }
h1 { font-size: 1.4rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; border-top: 1px solid #ccc; padding-top: 1rem; }
h3 { font-size: 1rem; } nav li { display: inline-block; margin-right: 1rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; } img { max-width: 36rem; width: 100%; }
figure { break-inside: avoid; } figcaption { color: #555; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { border-bottom: 1px solid #ddd; padding: .15rem .6rem; text-align: left; }
pre { white-space: pre-wrap; }
""".strip()


@dataclass(frozen=True)
class ListedRun:
    """One run on the page.

    Attributes
    ----------
    title, text : str
        ``text`` is shown above its figures; may be empty.
    figures : mapping of str to bytes
        Content by file name.
    tables : mapping of str to str
        Text files by path; CSV files are shown as tables.
    grids : mapping of str to mapping of str to sequence
        Tables column by column, by file name.
    """

    title: str
    text: str = ""
    figures: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    grids: Mapping[str, Mapping[str, Sequence[object]]] = field(default_factory=dict)

    @property
    def has_artifacts(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.figures or self.tables or self.grids)


def index_page(title: str, runs: Sequence[ListedRun]) -> str:
    """Write the page.

    Parameters
    ----------
    title : str
    runs : sequence of ListedRun
        In their order; those without a figure or table are left out.

    Returns
    -------
    page : str
        HTML in one file. Every text is escaped.

    Examples
    --------
    >>> page = index_page("seed <7>", [ListedRun("relapse", grids={"t.json": {"auroc": [0.7]}})])
    >>> "seed &lt;7&gt;" in page, "<td>0.7" in page, "<script" in page
    (True, True, False)
    """
    shown = [run for run in runs if run.has_artifacts]
    contents = "".join(f'<li><a href="#run-{n}">{escape(run.title)}</a></li>' for n, run in enumerate(shown))
    sections = "\n".join(_section(n, run) for n, run in enumerate(shown))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n<nav><ul>{contents}</ul></nav>\n{sections}\n</body></html>\n"
    )


def _section(number: int, run: ListedRun) -> str:
    text = f"<pre>{escape(run.text)}</pre>" if run.text else ""
    pictures = "".join(_picture(name, run) for name in run.figures)
    tables = [_text_file(path, text) for path, text in run.tables.items()]
    grids = [_grid(name, columns) for name, columns in run.grids.items()]
    return "\n".join(
        [
            f'<section id="run-{number}"><h2>{escape(run.title)}</h2>{text}',
            f'<div class="figures">{pictures}</div>' if pictures else "",
            *grids,
            *tables,
            "</section>",
        ]
    )


def _picture(name: str, run: ListedRun) -> str:
    """Show a figure in the page itself; a file that is no picture is named."""
    source = _source(name, run)
    if not source:
        return f"<p>File: {escape(name)}</p>"
    alternative = escape(f"{PurePath(name).stem} of {run.title}", quote=True)
    return f"<figure><img alt='{alternative}' src='{source}'><figcaption>{escape(name)}</figcaption></figure>"


def _source(name: str, run: ListedRun) -> str:
    """Write a figure as the address of an image; empty if it is no picture."""
    ending = PurePath(name).suffix
    if ending == SVG:
        return f"data:image/svg+xml,{quote(run.figures[name], safe=IN_ADDRESS)}"
    kind = PICTURES.get(ending)
    return f"data:{kind};base64,{b64encode(run.figures[name]).decode()}" if kind is not None else ""


def _text_file(path: str, text: str) -> str:
    if PurePath(path).suffix == ".csv":
        rows = csv.reader(io.StringIO(text))
        headings = next(rows, [])
        return _table(path, headings, rows)
    cut = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}\n..."
    return f"<h3>{escape(path)}</h3><details><summary>show</summary><pre>{escape(cut)}</pre></details>"


def _grid(name: str, columns: Mapping[str, Sequence[object]]) -> str:
    return _table(name, list(columns), zip(*columns.values(), strict=True))


def _table(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table that is folded until somebody opens it; HTML closes rows and cells itself."""
    every = list(rows)
    head = "".join(f"<th>{escape(heading)}" for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(cell))}' for cell in row)}" for row in every[:MOST_ROWS]
    )
    part = f": first {MOST_ROWS} of {len(every)} rows" if len(every) > MOST_ROWS else ""
    return (
        f"<h3>{escape(name)}</h3><details><summary>show the table{part}</summary>"
        f"<table><thead><tr>{head}</thead><tbody>{body}</tbody></table></details>"
    )


def _cell(value: object) -> str:
    """Write a cell; long numbers have four digits, those of files too.

    Examples
    --------
    >>> _cell(0.123456), _cell("0.1234567"), _cell("1-3fa2c1d9"), _cell("10000001"), _cell(None)
    ('0.1235', '0.1235', '1-3fa2c1d9', '10000001', '-')
    """
    if value is None:
        return "-"
    text = str(value)
    if isinstance(value, float) or (len(text) > LONGEST_NUMBER and DECIMAL.fullmatch(text)):
        return f"{float(text):.4g}"
    return text
