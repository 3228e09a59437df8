"""No object that holds patients shows a row of them, in a terminal or a notebook."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

import features
import serving
import training
from features.checking.check_table import cohort_of, examine
from features.files.read_table import read_table
from features.predictors import predictors
from features.read_cohort import open_table
from features.schema import all_fields
from features.short_repr import ShortRepr
from features.synthetic.simulation import simulate
from serving.answers.scorer import Scorer
from training.dataset.fit_config import FitConfig
from training.fitting.train import train
from training.pages.quality.page import Examination

PATIENT, VALUE, FOLLOWED = "canary-7391", 73918.5, 739
CANARIES = (f"{VALUE:g}", str(VALUE), str(20000 - FOLLOWED))
NUMBER = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
"""A whole number as it is shown: digits of a longer one are none of a patient."""
HELD = ("NDArray", "Values", "Columns", "tuple[tuple[str", "list[TypedRow]", "Mapping[CellKey")
"""How annotations name arrays and rows."""

OF_MODELS = {
    *("Outcome", "Term", "Expected", "LinearPart", "Replicates", "RiskModel", "TreePart", "Average"),
    *("Candidates", "EffectPrior", "LevelPrior", "NormalPriors", "Fits", "LinearFit", "Pooled", "Prior"),
    *("LogisticFit", "CohortRate", "Levels", "Condition", "Settings", "BedsideScore"),
}
"""They hold arrays of a model or of publications, no patient's."""
OF_MAPPINGS = {"LinkedTable", "KeyRules"}
"""They hold names of columns."""


def dataclasses_of_the_project() -> Iterator[type]:
    for package in (features, serving, training):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                module = importlib.import_module(found.name)
                for held in vars(module).values():
                    own = isinstance(held, type) and held.__module__ == module.__name__
                    if own and dataclasses.is_dataclass(held):
                        yield held


def test_every_dataclass_with_arrays_or_rows_is_short():
    """A new one is either named as a model's or declared with `ShortRepr`."""
    open_ones = [
        held.__name__
        for held in dataclasses_of_the_project()
        if any(word in str(field.type) for field in dataclasses.fields(held) for word in HELD)
        and not issubclass(held, ShortRepr)
    ]
    assert set(open_ones) <= OF_MODELS | OF_MAPPINGS


def reached(start: object) -> dict[int, object]:
    """Walk all that an object holds."""
    found: dict[int, object] = {}
    waiting = [start]
    while waiting:
        held = waiting.pop()
        if id(held) in found or isinstance(held, str | bytes | int | float | np.ndarray | type | None):
            continue
        found[id(held)] = held
        if dataclasses.is_dataclass(held):
            waiting += [getattr(held, field.name) for field in dataclasses.fields(held)]
        elif isinstance(held, Mapping):
            waiting += list(held.values())
        elif isinstance(held, list | tuple | set | frozenset):
            waiting += list(held)
    return found


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """Bring a cohort with a canary the whole way: file, table, cohort, training, scorer, page."""
    rows = simulate(60, rng=np.random.default_rng(4)).rows
    rows[5] |= {"patient_id": PATIENT, "ferritin_ug_l": VALUE, "last_contact_day": 20000 - FOLLOWED}
    file = tmp_path_factory.mktemp("c") / "c.csv"
    names = list(all_fields())
    lines = [",".join("" if row.get(n) is None else str(row[n]).lower() for n in names) for row in rows]
    file.write_text("\n".join([",".join(names), *lines]))
    table = read_table(Path(file))
    opened = open_table(Path(file))
    examined = examine(opened.table)
    cohort = cohort_of(examined, table)
    config = FitConfig(
        outcomes=("severe_crs", "relapse", "death_without_relapse"),
        models=("anchored",),
        folds=3,
        repeats=1,
        bootstrap_draws=20,
        replicates=5,
    )
    trained = train(cohort, config)
    scored = Scorer(trained.bundle).risks(predictors(rows[:8]))
    page = Examination("c.csv", patients=cohort.patients, follow_up=cohort.follow_up, cohort=cohort)
    return [table, opened, examined, cohort, trained, scored, page, simulate(9, rng=np.random.default_rng(1))]


def test_no_object_on_the_way_shows_a_patient(held):
    """Neither an identifier nor a value, in text or in HTML, and every text is short."""
    kinds = set()
    for start in held:
        for each in reached(start).values():
            if not dataclasses.is_dataclass(each):
                continue
            kinds.add(type(each).__name__)
            shown = repr(each) + getattr(each, "_repr_html_", lambda: "")()
            assert PATIENT not in shown
            stated = set(re.findall(NUMBER, shown))
            assert not stated & set(CANARIES), type(each).__name__
            if isinstance(each, ShortRepr):
                assert len(shown) < 3000
    assert {"Cohort", "Columns", "RawTable", "OutcomeData", "Observation", "Training", "Validation"} <= kinds


def test_a_cohort_is_shown_by_its_sizes(held):
    """Long enough to recognize it."""
    cohort = held[3]
    assert repr(cohort).startswith("Cohort(name='c.csv'")
    assert f"patient_id=<array of shape ({len(cohort)},)>" in repr(cohort)
    assert cohort._repr_html_().startswith("<code>Cohort(")
