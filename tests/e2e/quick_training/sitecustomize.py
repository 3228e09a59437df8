"""Fewer repeats, draws, replicates and outcomes, unpainted figures: for long tests that are not about them.

Python imports this module when it starts with this folder on ``PYTHONPATH``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

QUICK = {
    "repeats": 1,
    "bootstrap_draws": 50,
    "replicates": 20,
    "outcomes": ("severe_crs", "severe_icans", "relapse", "death_without_relapse"),
}
DOT = b'<svg xmlns="http://www.w3.org/2000/svg" width="1pt" height="1pt"><path d="M 0 0 L 1 1"/></svg>'
"""A picture with next to nothing on it."""


def fewer(module: ModuleType) -> None:
    """Change the defaults of `FitConfig`."""
    made = module.FitConfig.__init__
    names = [name for name in module.FitConfig.__dataclass_fields__ if hasattr(module.FitConfig, name)]
    defaults = dict(zip(names[-len(made.__defaults__) :], made.__defaults__, strict=True))
    made.__defaults__ = tuple({**defaults, **QUICK}.values())


def dotted(module: ModuleType) -> None:
    """Have every figure made, and a dot written for it: painting is most of the time of a quick training."""

    def savefig(figure: Any, file: Any, **settings: Any) -> None:
        if settings.get("format") == "svg":
            file.write(DOT)
        else:
            painted(figure, file, **settings)

    painted, module.Figure.savefig = module.Figure.savefig, savefig


def unplaced(module: ModuleType) -> None:
    """Leave the parts of a figure where they are."""
    module.ConstrainedLayoutEngine.execute = lambda _engine, _figure: None


CHANGES: dict[str, Callable[[ModuleType], None]] = {
    "training.dataset.fit_config": fewer,
    "matplotlib.figure": dotted,
    "matplotlib.layout_engine": unplaced,
}


class Changed(Loader):
    """Loads a module, then changes it."""

    def __init__(self, loader: Loader, change: Callable[[ModuleType], None]) -> None:
        self.loader, self.change = loader, change

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Let the module's own loader make it."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then change it."""
        self.loader.exec_module(module)
        self.change(module)


class FindChanged(MetaPathFinder):
    """Finds the modules of `CHANGES` where Python finds them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give None for all other modules."""
        change = CHANGES.get(fullname)
        spec = PathFinder.find_spec(fullname, path, target) if change is not None else None
        if change is None or spec is None or spec.loader is None:
            return None
        spec.loader = Changed(spec.loader, change)
        return spec


sys.meta_path.insert(0, FindChanged())
