"""A page of Markdown with cells of Python is run and becomes a page with outputs and a notebook."""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CELL = re.compile(r"^```\{code-cell\}\n(?P<code>.*?)^```$", re.M | re.S)
PNG, HTML, PLAIN = "image/png", "text/html", "text/plain"


@dataclass
class Cell:
    """One part of a page: text, or code with what it gave.

    Attributes
    ----------
    text : str
    code : bool
    outputs : list of dict
        MIME types and contents: text, HTML and PNG.
    """

    text: str
    code: bool
    outputs: list[dict[str, str]] = field(default_factory=list)


def cells_of(page: str) -> list[Cell]:
    r"""Split a page into texts and cells of code.

    Examples
    --------
    >>> [cell.code for cell in cells_of("# A\n\n```{code-cell}\n1 + 1\n```\n")]
    [False, True]
    """
    cells, end = [], 0
    for found in CELL.finditer(page):
        cells += [
            Cell(page[end : found.start()].strip(), code=False),
            Cell(found["code"].rstrip(), code=True),
        ]
        end = found.end()
    cells.append(Cell(page[end:].strip(), code=False))
    return [cell for cell in cells if cell.text]


def run_cells(cells: list[Cell]) -> None:
    """Run the code of all cells in one namespace and keep what it gives; an error ends it."""
    from matplotlib import pyplot

    pyplot.close("all")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        if cell.code:
            cell.outputs = list(_outputs(cell.text, namespace))


def page_of(cells: list[Cell], name: str) -> tuple[str, dict[str, bytes]]:
    """Write cells and outputs as a page of Markdown, and its figures by the name of their file."""
    parts: list[str] = []
    figures: dict[str, bytes] = {}
    for cell in cells:
        parts.append(f"```python\n{cell.text}\n```" if cell.code else cell.text)
        for output in cell.outputs:
            if PNG in output:
                file = f"{name}_{len(figures) + 1}.png"
                figures[file] = base64.b64decode(output[PNG])
                parts.append(f"![Figure of the code above]({file})")
            else:
                parts.append(_shown(output))
    return "\n\n".join(parts) + "\n", figures


def notebook_of(cells: list[Cell]) -> str:
    """Write cells and outputs as a notebook of format 4."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    stated = {
        "cells": [_stated(cell, number) for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(stated, indent=1, ensure_ascii=False) + "\n"


def _outputs(code: str, namespace: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Give what a cell prints, the value of its last line, and its figures."""
    printed, value = io.StringIO(), None
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), namespace)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)
    if printed.getvalue():
        yield {PLAIN: printed.getvalue()}
    figures = list(_figures())
    yield from figures
    if value is not None and not figures:
        html = getattr(value, "_repr_html_", None)
        yield {PLAIN: repr(value)} | ({HTML: html()} if html is not None else {})


def _figures() -> Iterator[dict[str, str]]:
    from matplotlib import pyplot

    for number in pyplot.get_fignums():
        content = io.BytesIO()
        pyplot.figure(number).savefig(content, format="png", bbox_inches="tight", dpi=90)
        pyplot.close(number)
        yield {PNG: base64.b64encode(content.getvalue()).decode()}


def _shown(output: dict[str, str]) -> str:
    if HTML in output:
        html = re.sub(r"<style.*?</style>", "", output[HTML], flags=re.S)
        return "\n".join(line for line in html.splitlines() if line.strip())
    return f"```text\n{output[PLAIN].rstrip()}\n```"


def _stated(cell: Cell, number: int) -> dict[str, Any]:
    stated = {"id": f"cell-{number}", "metadata": {}, "source": cell.text.splitlines(keepends=True)}
    if not cell.code:
        return {"cell_type": "markdown", **stated}
    outputs = [{"output_type": "display_data", "metadata": {}, "data": output} for output in cell.outputs]
    return {"cell_type": "code", **stated, "execution_count": None, "outputs": outputs}
