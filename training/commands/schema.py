"""Show the schema as JSON Schema, or write the documents made from it."""

from __future__ import annotations

import json
from pathlib import Path

from features.files.atomic_write import write_whole
from features.project_files import DATA
from features.schema_documents import dictionary, json_schema
from training.console.screen import print_document


def schema(write: bool = False, *, folder: Path = DATA) -> None:
    """Print the JSON Schema, or write ``schema.json`` and ``dictionary.md``.

    Parameters
    ----------
    write : bool
        Write the files instead of printing. They are generated, never edited: earlier ones are replaced.
    folder : Path
        Where the files go; ``data/`` of the repository by default.
    """
    if not write:
        print_document(_json_text())
        return
    for name, content in documents().items():
        write_whole(folder / name, content)


def documents() -> dict[str, str]:
    """Give the content of each generated file by its name."""
    return {"schema.json": _json_text(), "dictionary.md": dictionary()}


def _json_text() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
