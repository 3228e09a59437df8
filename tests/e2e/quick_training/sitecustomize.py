"""Fewer repeats, draws, replicates and outcomes in the commands of a long test that is not about them.

Python imports this module when it starts with this folder on ``PYTHONPATH``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

CONFIG = "training.dataset.fit_config"
QUICK = {
    "repeats": 1,
    "bootstrap_draws": 50,
    "replicates": 20,
    "outcomes": ("severe_crs", "severe_icans", "relapse", "death_without_relapse"),
}


class QuickConfig(MetaPathFinder, Loader):
    """Finds the module with the settings of a training, and changes their defaults once it is loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find `CONFIG` where Python finds it; None for all other modules."""
        if fullname != CONFIG:
            return None
        self.spec = PathFinder.find_spec(fullname, path)
        return ModuleSpec(fullname, self, origin=self.spec.origin if self.spec else None)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Let Python make an empty module."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then change the defaults of `FitConfig`."""
        assert self.spec is not None
        assert self.spec.loader is not None
        self.spec.loader.exec_module(module)
        made = module.FitConfig.__init__
        names = [name for name in module.FitConfig.__dataclass_fields__ if hasattr(module.FitConfig, name)]
        defaults = dict(zip(names[-len(made.__defaults__) :], made.__defaults__, strict=True))
        made.__defaults__ = tuple({**defaults, **QUICK}.values())


sys.meta_path.insert(0, QuickConfig())
