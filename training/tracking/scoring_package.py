"""The scoring code that a registered version carries: a package of its own, named by its content.

Two versions, or a version and the installed project, are then loaded side by side in one process, and a
version loads where this project is not installed. MLflow only puts the folder of the code on the path.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ENTRY = "training.tracking.pyfunc_model"
"""The module whose copy answers; all that it imports of this project is copied with it."""

OWN = ("features", "serving", "training")
"""Packages of this project."""

PACKAGE = "cart_outcomes_scoring"
DIGITS = 12
MOST_MODULES = 500
"""Whose imports are remembered: each source is asked twice, for what it needs and to be renamed."""
MODEL_FILE = "cart_outcomes_model.py"
CODE_FOLDER = "code"
"""Where MLflow keeps code beside a model."""

MODEL_SOURCE = '''"""Load the model with the scoring code that was logged with it, beside this file."""

import sys
from pathlib import Path

import mlflow

sys.path.append(str(Path(__file__).parent / "{folder}"))

from {package}.{entry} import CartOutcomes  # noqa: E402

mlflow.models.set_model(CartOutcomes())
'''


@dataclass(frozen=True)
class ScoringCode:
    """Scoring code in a folder.

    Attributes
    ----------
    name : str
        Of the package: the same for the same code.
    model_file : Path
        What MLflow runs to load a model.
    package : Path
        Folder of the package.
    """

    name: str
    model_file: Path
    package: Path


@contextmanager
def scoring_code() -> Iterator[ScoringCode]:
    """Write the scoring code to a folder that lasts as long as the context; nothing of it stays imported."""
    path = list(sys.path)
    with tempfile.TemporaryDirectory() as scratch:
        code = _write(Path(scratch))
        try:
            yield code
        finally:
            sys.path[:] = path
            # They were imported from the folder that is deleted now.
            for module in [name for name in sys.modules if name.partition(".")[0] == code.name]:
                del sys.modules[module]


def scoring_modules() -> dict[str, str]:
    """Find the modules of this project that scoring needs.

    Returns
    -------
    sources : dict of str to str
        Source by name of the module, sorted by name.
    """
    sources: dict[str, str] = {}
    waiting = [ENTRY]
    while waiting:
        name = waiting.pop()
        if name not in sources:
            sources[name] = Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8")
            waiting += [used for _, used in own_imports(sources[name])]
    return dict(sorted(sources.items()))


@lru_cache(maxsize=MOST_MODULES)
def own_imports(source: str) -> tuple[tuple[int, str], ...]:
    r"""List the modules of this project that a source imports, with the line of each.

    Raises
    ------
    ValueError
        If one is imported in a form that cannot be renamed: relatively, or by ``import a.b``.

    Examples
    --------
    >>> own_imports("import json\nfrom serving.model.bundle import Bundle")
    ((2, 'serving.model.bundle'),)
    """
    imported = []
    for node in _statements(ast.parse(source)):
        if isinstance(node, ast.Import) and any(_is_own(alias.name) for alias in node.names):
            message = f"line {node.lineno}: import the module's names by `from`, so that it can be renamed"
            raise ValueError(message)
        if isinstance(node, ast.ImportFrom) and (node.level or _is_own(node.module or "")):
            if node.level or node.module in OWN:
                message = f"line {node.lineno}: name the module in full, so that it can be renamed"
                raise ValueError(message)
            imported.append((node.lineno, str(node.module)))
    return tuple(imported)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Go through the statements below a node, without their expressions, which are most of a source."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        for each in getattr(node, part, ()):
            yield each
            yield from _statements(each)


def _write(folder: Path) -> ScoringCode:
    sources = scoring_modules()
    name = f"{PACKAGE}_{_digest(sources)[:DIGITS]}"
    package = folder / CODE_FOLDER / name
    for module, source in sources.items():
        file = package.joinpath(*module.split(".")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(renamed(source, name), encoding="utf-8")
    for inside in (package, *(inner for inner in package.rglob("*") if inner.is_dir())):
        (inside / "__init__.py").write_text(f'"""Scoring code of cart-outcomes, of {name}."""\n')
    model_file = folder / MODEL_FILE
    model_file.write_text(MODEL_SOURCE.format(folder=CODE_FOLDER, package=name, entry=ENTRY))
    return ScoringCode(name, model_file, package)


def renamed(source: str, package: str) -> str:
    r"""Import this project's modules from another package.

    Examples
    --------
    >>> renamed("from serving.model.bundle import Bundle\n", "frozen")
    'from frozen.serving.model.bundle import Bundle\n'
    """
    lines = source.splitlines(keepends=True)
    for number, module in own_imports(source):
        lines[number - 1] = lines[number - 1].replace(f"from {module} ", f"from {package}.{module} ", 1)
    return "".join(lines)


def _digest(sources: Mapping[str, str]) -> str:
    whole = hashlib.sha256()
    for name, source in sources.items():
        whole.update(f"{name}\0{source}\0".encode())
    return whole.hexdigest()


def _is_own(module: str) -> bool:
    return module.partition(".")[0] in OWN
