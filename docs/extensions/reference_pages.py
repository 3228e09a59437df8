"""Pages made from the code: commands, HTTP, columns, evidence, modules; written before Sphinx reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules, walk_packages
from typing import Any

import typer.main
from evidence_page import evidence_figures, evidence_page
from notebook_cells import cells_of, notebook_of, page_of, run_cells
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata
from typer import cli as typer_documents

from serving.http.openapi import interface
from serving.service import service
from training.commands.app import app as command_line

FOLDER = "reference"
NOTEBOOK = "notebook"
LAYERS = ("features", "serving", "training")
SCHEMA = "#/components/schemas/"
PATIENT = "Patient"


def commands_page() -> str:
    """Every command with its arguments and options, as ``--help`` tells them."""
    group = typer.main.get_command(command_line)
    context = typer.Context(group, info_name="cart-outcomes")
    return typer_documents.get_docs_for_click(obj=group, ctx=context, name="cart-outcomes", title="Commands")


def http_page() -> str:
    """Every path and every field of requests and answers, as ``GET /docs.json`` tells them."""
    document = interface(service.openapi_spec.asdict(), version="")
    paths = [
        f"| `{method.upper()} {path}` | {_about(operation)} | {', '.join(operation['responses'])} |"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    schemas = document["components"]["schemas"]
    return "\n".join(
        [
            "# HTTP",
            "",
            "This page is generated from `GET /docs.json` (OpenAPI 3.1), which a running service provides.",
            "",
            "| path | description | statuses |",
            "| --- | --- | --- |",
            *paths,
            "",
            *(line for name, schema in schemas.items() for line in _schema(name, schema)),
        ]
    )


def columns_page() -> str:
    """Give the data dictionary, which the schema writes."""
    return "```{include} ../../data/dictionary.md\n```\n"


def package_page(package: str) -> str:
    """Every module of a package, with what its docstrings say."""
    folder = import_module(package).__path__
    names = [package, *(f"{package}.{module.name}" for module in iter_modules(folder) if not module.ispkg)]
    modules = "\n".join(_module(name) for name in names)
    return f"# {package}\n\n{modules}"


def pages() -> dict[str, str]:
    """Every page by the name of its file."""
    return {
        "commands.md": commands_page(),
        "http.md": http_page(),
        "columns.md": columns_page(),
        "evidence.md": evidence_page(),
        **{f"{package}.md": package_page(package) for package in _packages()},
    }


def write_pages(app: Sphinx, _config: Config) -> None:
    """Write every page that is new or has changed, and the figures."""
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        page = folder / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
    for name, figure in evidence_figures().items():
        figure.savefig(folder / name)
    write_notebook(folder)


def write_notebook(folder: Path) -> None:
    """Run the notebook, and write it as a page and as a notebook to download."""
    source = (folder.parent / f"{NOTEBOOK}.md").read_text(encoding="utf-8")
    cells = cells_of(source.replace(f"]({FOLDER}/", "](").replace(f"<{FOLDER}/", "<"))
    run_cells(cells)
    page, figures = page_of(cells, NOTEBOOK)
    (folder / f"{NOTEBOOK}.md").write_text(page, encoding="utf-8")
    (folder / f"{NOTEBOOK}.ipynb").write_text(notebook_of(cells), encoding="utf-8")
    for name, content in figures.items():
        (folder / name).write_bytes(content)


def _packages() -> Iterator[str]:
    for package in LAYERS:
        yield package
        folder = import_module(package).__path__
        yield from (module.name for module in walk_packages(folder, f"{package}.") if module.ispkg)


def _module(name: str) -> str:
    import_module(name)  # before autodoc does, which lets typing pretend and MLflow stumble over it
    return f"## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n```\n"


def _about(operation: Mapping[str, Any]) -> str:
    words = operation.get("summary") or operation.get("description", "")
    return " ".join(re.sub(r"<.*?>", "", words).split())


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"## {name}", "", _about(schema), "")
    if name == PATIENT:
        yield from (
            "Its fields are the predictors of the [columns](columns.md), with units, limits and options.",
            "",
        )
        return
    yield from ("| field | type | description |", "| --- | --- | --- |")
    required = schema.get("required", ())
    for field, stated in schema.get("properties", {}).items():
        need = "" if field in required else " (may be absent)"
        yield f"| `{field}` | {_type(stated)}{need} | {_words(stated)} |"
    yield ""


def _words(stated: Mapping[str, Any]) -> str:
    said = stated.get("description") or stated.get("title", "")
    return " ".join(said.replace("|", "\\|").split())


def _type(stated: Mapping[str, Any]) -> str:
    if "$ref" in stated:
        name = stated["$ref"].removeprefix(SCHEMA)
        return f"[{name}](#{name.lower()})"
    if "anyOf" in stated:
        return " or ".join(_type(one) for one in stated["anyOf"])
    if stated.get("type") == "array":
        return f"list of {_type(stated.get('items', {}))}"
    kind = stated.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def link_to_pages(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Lead links that hold in the repository to the page that is made of the same file."""
    source[0] = source[0].replace("](../data/dictionary.md", f"](/{FOLDER}/columns.md")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Write the pages before Sphinx looks which there are."""
    app.connect("config-inited", write_pages)
    app.connect("source-read", link_to_pages)
    app.add_lexer("csv", TextLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
