"""`--name`: what bundle and MLflow know a cohort by instead of its file's name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.cohort import Cohort
from features.problems import Refused
from features.synthetic.simulation import simulate, simulated_cohort
from features.synthetic.tables import simulation_table
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from training.commands import train as train_command
from training.commands.train import train
from training.commands.tune import tune
from training.commands.validate import validate
from training.dataset.cohort_name import renamed
from training.dataset.fit_config import FitConfig
from training.external import external_validation
from training.fitting import tune as tuning


def test_the_name_replaces_the_file_name_and_nothing_else() -> None:
    """Rows and digest stay; without a name the file's name stays."""
    cohort = simulated_cohort(5, rng=np.random.default_rng(1))
    other = renamed(cohort, " Series A ")
    assert (other.name, other.sha256, len(other)) == ("Series A", cohort.sha256, len(cohort))
    assert renamed(cohort, "") is cohort


@pytest.mark.parametrize("name", [" ", "two\nlines", "x" * 101, "\x1b[31m"])
def test_names_that_are_refused(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By every command that records, before the file is read."""
    monkeypatch.chdir(tmp_path)
    absent, refused = Path("absent.csv"), "--name must be 1 to 100 printable characters"
    with pytest.raises(Refused, match=refused):
        tune(absent, FitConfig(), name=name)
    with pytest.raises(Refused, match=refused):
        validate("1", absent, FitConfig(), name=name)
    with pytest.raises(Refused, match=refused):
        trained(absent, name=name)


def test_a_name_needs_a_cohort(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A model of published evidence alone has none."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="--name names a cohort, and --evidence-only uses none"):
        trained(None, name="Series A")


@pytest.mark.parametrize("command", ["train", "tune", "validate"])
def test_what_is_recorded_has_the_name_alone(command, monkeypatch, tmp_path) -> None:
    """Nothing after reading knows the file's name."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "Ivanova_1987.csv"
    simulation_table(simulate(5, rng=np.random.default_rng(1))).to_csv(file, index=False)
    write_bundle(make_bundle(), tmp_path / "bundle")
    seen = []

    def stop(*given: object, **_: object) -> None:
        seen.extend(one.name for one in given if isinstance(one, Cohort))
        message = "seen"
        raise Refused(message)

    monkeypatch.setattr(train_command, "train_and_record", stop)
    monkeypatch.setattr(tuning, "refuse_few", stop)
    monkeypatch.setattr(external_validation, "validate_externally", stop)
    commands = {
        "train": lambda: trained(file, name="Series A"),
        "tune": lambda: tune(file, FitConfig(), name="Series A"),
        "validate": lambda: validate("", file, FitConfig(), bundle=tmp_path / "bundle", name="Series A"),
    }
    with pytest.raises(Refused, match="seen"):
        commands[command]()
    assert seen == ["Series A"]


def trained(cohort: Path | None, *, name: str) -> None:
    train(
        cohort,
        outcomes=(),
        models=(),
        estimand="treatment_policy",
        allow_grading="",
        seed=1,
        validate=False,
        bundle_out=None,
        evidence_only=cohort is None,
        name=name,
    )
