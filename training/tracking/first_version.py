"""Names that models of the first release import; to be deleted when none of those is left unrepacked.

A version that was registered by the first release holds a file that imports modules by the names they had.
MLflow loads it with this project installed and asks it for nothing else, so the names are made known when
MLflow is imported: as a provider of run tags, which MLflow looks up by entry point, and which has none.
`cart-outcomes repack` gives such a version its own code.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from mlflow.tracking.context.abstract_context import RunContextProvider

PACKAGES = ("features.intake",)
"""Packages that are no longer there."""

NEW_NAMES: Mapping[str, str] = {
    "features.intake.cells": "features.checking.parse_cell",
    "serving.bundle": "serving.model.read_bundle",
    "serving.model_format": "serving.model.model_files",
    "serving.requests": "serving.http.body_problems",
    "serving.scorer": "serving.answers.scorer",
}
"""Modules by the name that they had."""


class FirstVersionFinder(MetaPathFinder, Loader):
    """Finds modules by the names that they had."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of `NEW_NAMES`; None for all others."""
        if fullname in PACKAGES:
            return ModuleSpec(fullname, self, is_package=True)
        return ModuleSpec(fullname, self) if fullname in NEW_NAMES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Let Python make an empty module."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Fill it with what the module has under its new name: the same classes and functions."""
        if module.__name__ in NEW_NAMES:
            renamed = importlib.import_module(NEW_NAMES[module.__name__])
            module.__dict__.update({name: value for name, value in vars(renamed).items() if name[:2] != "__"})


class FirstVersionNames(RunContextProvider):
    """Makes the names known; as a provider of tags for MLflow's runs it is never in use."""

    def __init__(self) -> None:
        if not any(isinstance(finder, FirstVersionFinder) for finder in sys.meta_path):
            sys.meta_path.append(FirstVersionFinder())

    def in_context(self) -> bool:
        """Say that it has no tags for a run."""
        return False

    def tags(self) -> dict[str, str]:
        """Give none."""
        return {}
