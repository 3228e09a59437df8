"""The notebook of the documentation: its cells are run, and shown with what they gave."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).parents[3]
PAGE = """# Title

Text.

```{code-cell}
import pandas as pd
print("printed")
pd.DataFrame({"column": [1]})
```

```{code-cell}
number = 41
number + 1
```

```{code-cell}
from matplotlib import pyplot as plt
_ = plt.plot([0, number])
```
"""


@pytest.fixture(scope="module")
def extension() -> ModuleType:
    """Import the module as Sphinx does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PROJECT / "docs" / "extensions"))
        import notebook_cells

        patch.delitem(sys.modules, "notebook_cells")
        return notebook_cells


def test_cells_share_their_names_and_give_their_last_value(extension: ModuleType) -> None:
    """Prints, tables as HTML, values as text, figures as files; a cell that gives nothing shows nothing."""
    cells = extension.cells_of(PAGE)
    assert [cell.code for cell in cells] == [False, True, True, True]
    extension.run_cells(cells)
    page, figures = extension.page_of(cells, "notebook")
    assert "```text\nprinted\n```" in page
    assert "<th>column</th>" in page
    assert "<style" not in page
    assert "```text\n42\n```" in page
    assert list(figures) == ["notebook_1.png"]
    assert figures["notebook_1.png"].startswith(b"\x89PNG")
    assert "![Figure of the code above](notebook_1.png)" in page


def test_the_notebook_has_format_4(extension: ModuleType) -> None:
    """Cells, sources and outputs as other programs read them."""
    cells = extension.cells_of(PAGE)
    extension.run_cells(cells)
    notebook = json.loads(extension.notebook_of(cells))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert [cell["cell_type"] for cell in notebook["cells"]] == ["markdown", "code", "code", "code"]
    assert "".join(notebook["cells"][2]["source"]) == "number = 41\nnumber + 1"
    assert notebook["cells"][2]["outputs"][0]["data"] == {"text/plain": "42"}
    assert len({cell["id"] for cell in notebook["cells"]}) == 4


def test_an_error_in_a_cell_ends_the_run(extension: ModuleType) -> None:
    """So the documentation is not built with it."""
    with pytest.raises(ZeroDivisionError):
        extension.run_cells(extension.cells_of("```{code-cell}\n1 / 0\n```\n"))


def test_the_notebook_names_all_of_the_library(extension: ModuleType) -> None:
    """What is promised is shown."""
    import training.api

    cells = extension.cells_of((PROJECT / "docs" / "notebook.md").read_text(encoding="utf-8"))
    code = "\n".join(cell.text for cell in cells if cell.code)
    absent = {name for name in training.api.__all__ if name not in code}
    assert absent <= {"Model", "load", "contributions_from"}
