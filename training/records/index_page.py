"""One page with every figure and table of a training, for MLflow's view of artifacts: no script."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import islice
from pathlib import PurePath

INDEX_FILE = "index.html"
PICTURES = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg"}
"""Kinds of files that are shown as pictures, by their ending."""
MOST_ROWS = 300
"""Rows of a table on the page; the file has all."""
LONGEST_TEXT = 20_000
"""Characters of a text on the page; the file has all."""
STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; color: #1b1b1b; margin: 1.5rem; max-width: 76rem; }
h1 { font-size: 1.4rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; border-top: 1px solid #ccc; padding-top: 1rem; }
h3 { font-size: 1rem; } nav li { display: inline-block; margin-right: 1rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; } img { max-width: 36rem; width: 100%; }
figcaption { color: #555; } table { border-collapse: collapse; margin: .5rem 0; }
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
    >>> "seed &lt;7&gt;" in page, "<td>0.7</td>" in page, "<script" in page
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
    pictures = "".join(_picture(name, content, run.title) for name, content in run.figures.items())
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


def _picture(name: str, content: bytes, title: str) -> str:
    """Show a figure in the page itself; a file that is no picture is named."""
    kind = PICTURES.get(PurePath(name).suffix)
    if kind is None:
        return f"<p>File: {escape(name)}</p>"
    source = f"data:{kind};base64,{b64encode(content).decode()}"
    alternative = escape(f"{PurePath(name).stem} of {title}", quote=True)
    return f'<figure><img src="{source}" alt="{alternative}"><figcaption>{escape(name)}</figcaption></figure>'


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
    """Write a table that is folded until somebody opens it."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(cell))}</td>' for cell in row)}</tr>"
        for row in islice(rows, MOST_ROWS)
    )
    return (
        f"<h3>{escape(name)}</h3><details><summary>show the table</summary>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>"
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
