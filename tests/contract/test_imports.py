"""Nothing happens when the service is imported: no file is read, no application is made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]

WATCHED = """
import json, os, sys
from importlib import import_module
from pkgutil import walk_packages
from starlette.applications import Starlette

read, made, project = [], [], sys.argv[1]

def noted(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        file = os.path.abspath(arguments[0])
        if file.startswith(project) and ".venv" not in file and not file.endswith((".py", ".pyc", ".so")):
            read.append(file.removeprefix(project))

def counted(self, *arguments, **settings):
    made.append(type(self).__name__)
    return make(self, *arguments, **settings)

make, Starlette.__init__ = Starlette.__init__, counted
sys.addaudithook(noted)
for name in sys.argv[2:]:
    module = import_module(name)
    for each in walk_packages(getattr(module, "__path__", ()), f"{name}."):
        import_module(each.name)
print(json.dumps([sorted(set(read)), made]))
"""


def watched(*modules: str, beside: Path = PROJECT) -> tuple[list[str], list[str]]:
    """Import modules, and all below them, in a fresh Python: files of the project read, applications made."""
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", WATCHED, f"{PROJECT}/", *modules],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(beside)},
    )
    read, made = json.loads(done.stdout.splitlines()[-1])
    return read, made


def test_import_reads_no_file_and_makes_no_application() -> None:
    """Of what answers: pages, texts and published figures are read when they are first used."""
    assert watched("features", "serving") == ([], [])


def modules_after(statement: str) -> set[str]:
    """List what a fresh Python has imported after a statement."""
    listed = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", listed],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=PROJECT,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_listing_and_recording_trainings_imports_no_learning_and_no_drawing() -> None:
    """`compare` reads what runs say; `train` gives fits and figures to its workers, which import more."""
    modules = modules_after(
        "import training.tracking.run_list, training.tracking.versions_without_run; "
        "import training.tracking.release_agreement; "
        "import training.fitting.train, training.comparison.champion_refit, training.tracking.recorder"
    )
    assert "mlflow" in modules
    libraries = {"matplotlib", "optuna", "shap", "sklearn", "statsmodels", "xgboost"}
    assert not modules & {*libraries, "scipy.optimize", "scipy.stats"}


def test_only_the_figure_that_is_drawn_with_shap_imports_it() -> None:
    """It takes a second in every process that draws."""
    modules = modules_after(
        "import training.figures.validation_figures, training.figures.contribution_waterfall; "
        "import training.figures.stated_contributions, training.figures.contribution_dependence; "
        "import training.figures.contributions_by_group, training.figures.page_picture"
    )
    assert "matplotlib" in modules
    assert not modules & {"shap", "numba"}


def test_a_service_that_everybody_may_ask_imports_no_library_of_signatures_and_limits() -> None:
    """It is imported by BentoML's supervising process, and once more by the one that answers."""
    modules = modules_after("import serving.service")
    assert "bentoml" in modules
    assert not modules & {"cryptography", "joserfc", "limits", "mlflow", "pandas", "scipy", "xgboost"}


def test_work_at_import_is_found(tmp_path: Path) -> None:
    """So that the test above can fail."""
    (tmp_path / "hasty.py").write_text(
        "from starlette.applications import Starlette\nopen('pyproject.toml').close()\nmade = Starlette()\n"
    )
    assert watched("hasty", beside=tmp_path) == (["pyproject.toml"], ["Starlette"])
