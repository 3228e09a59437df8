"""Show the schema as JSON Schema, or write the documents made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from features.files.atomic_write import write_whole
from features.measures import page_script
from features.project_files import PROJECT
from features.schema_documents import dictionary, json_schema
from training.console.screen import print_document


def command(
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Write data/schema.json, data/dictionary.md and measures.js, replacing earlier ones",
        ),
    ] = False,
) -> None:
    """Print the cohort schema as JSON Schema, or write the files generated from it."""
    schema(write)


def schema(write: bool = False, *, folder: Path = PROJECT) -> None:
    """Print the JSON Schema, or write every document that is made from the schema and the measures.

    Parameters
    ----------
    write : bool
        Write the files instead of printing. They are generated, never edited: earlier ones are replaced.
    folder : Path
        The repository by default.
    """
    if not write:
        print_document(_json_text())
        return
    for name, content in documents().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, content)


def documents() -> dict[str, str]:
    """Give the content of each generated file by its path in the repository."""
    return {
        "data/schema.json": _json_text(),
        "data/dictionary.md": dictionary(),
        "serving/pages/scripts/measures.js": page_script(),
    }


def _json_text() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
