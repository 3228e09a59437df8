"""Tuned learners: settings reach the models, a search sees its training set alone, few events are refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.outcomes import OUTCOMES
from features.problems import DataError
from features.synthetic.simulation import simulated_cohort
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.training_set import TrainingSet
from training.evidence.evidence_set import read_evidence
from training.fitting import nested_tuning as tuned
from training.fitting.nested_tuning import DEFAULTS, SPACES, Tuned, fingerprint, held_out_loss, makers, recipe
from training.fitting.optuna_study import Search, Trial
from training.fitting.tune import searches, tune
from training.learners.anchored import Anchored
from training.learners.hyperparameters import AnchoredSettings
from training.learners.learner import Learner
from training.records.tuning_runs import trial_records

LIGHT = FitConfig(outcomes=("relapse",), folds=2, repeats=1, bootstrap_draws=20, replicates=2)


def data(n_patients: int = 60) -> OutcomeData:
    found = outcome_data(
        simulated_cohort(n_patients, rng=np.random.default_rng(3)), OUTCOMES["relapse"], LIGHT
    )
    assert isinstance(found, OutcomeData)
    return found


@pytest.mark.parametrize("model", SPACES)
def test_default_is_one_of_the_values_of_every_setting(model: str) -> None:
    """And the search knows every setting that there is."""
    assert set(SPACES[model]) == set(DEFAULTS[model])
    assert all(DEFAULTS[model][name] in values for name, values in SPACES[model].items())


@pytest.mark.parametrize("model", SPACES)
def test_learner_of_default_settings_is_the_plain_one(model: str) -> None:
    """To the last bit; other settings give another model."""
    training, evidence = data(150).training_set(), read_evidence()
    plain: Learner = tuned.makers(evidence)[model](DEFAULTS[model])
    bare = {"anchored": Anchored(evidence), "xgboost": tuned.Boosted()}[model]
    other = makers(evidence)[model]({name: values[-1] for name, values in SPACES[model].items()})
    risks = []
    for learner in (plain, bare, other):
        choice = learner.choose(training, np.random.default_rng(1))
        risks.append(learner.fit(training, choice).risk(training.patients))
    np.testing.assert_array_equal(risks[0], risks[1])
    assert not np.array_equal(risks[0], risks[2])


def test_narrow_prior_holds_on_to_what_is_published() -> None:
    """Scaled spreads, means as they are."""
    evidence = read_evidence()
    plain = Anchored(evidence).prior("relapse", (365,))
    narrow = Anchored(evidence, AnchoredSettings(prior_scale=0.5)).prior("relapse", (365,))
    np.testing.assert_allclose(narrow.spread, plain.spread / 2)
    np.testing.assert_array_equal(narrow.mean, plain.mean)


def test_search_sees_nothing_but_its_training_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In cross-validation the patients held out have no part in the choice of settings."""
    whole, seen = data(), []

    def spied(learner: Learner, training: TrainingSet, folds: np.ndarray, *, seed: int) -> float:
        seen.append(len(training))
        return held_out_loss(learner, training, folds, seed=seed)

    monkeypatch.setattr(tuned, "held_out_loss", spied)
    part = whole.training_set(np.arange(40))
    learner = Tuned("anchored", read_evidence(), Search(tmp_path / "t.db", 2))
    choice = learner.choose(part, np.random.default_rng(1))
    assert seen == [40, 40]
    assert len(choice.trials) == 2
    again = learner.choose(part, np.random.default_rng(1))
    assert (seen, again.trials) == ([40, 40], choice.trials)
    stated = learner.parameters(choice)
    assert {name: stated[name] for name in DEFAULTS["anchored"]} == choice.settings
    assert stated["inner_log_loss_default"] == choice.trials[0].loss


def test_training_sets_are_told_apart() -> None:
    """By any value, by the seed, and by the evidence that the losses rest on."""
    training = data().training_set()
    changed = replace(training, label=1 - training.label)
    stated, other = (recipe("anchored", read_evidence(literature=each)) for each in (True, False))
    asked = [(training, 1, stated), (training, 2, stated), (changed, 1, stated), (training, 1, other)]
    assert len({fingerprint(*each) for each in asked}) == 4
    assert fingerprint(training, 1, stated) == fingerprint(data().training_set(), 1, stated)


def test_too_few_events_are_refused_with_the_numbers(tmp_path: Path) -> None:
    """Before any search: chance would choose."""
    cohort = simulated_cohort(30, rng=np.random.default_rng(4))
    with pytest.raises(
        DataError, match=r"relapse cannot be tuned: .* at least 40 of each are needed to choose"
    ):
        tune(cohort, LIGHT, "anchored", Search(tmp_path / "t.db", 2))
    assert not (tmp_path / "t.db").exists()


def test_tuning_stands_beside_the_default_in_the_same_folds(tmp_path: Path) -> None:
    """The figures are of the whole procedure; the better out of fold is in the bundle."""
    cohort = simulated_cohort(110, rng=np.random.default_rng(5))
    found = tune(cohort, replace(LIGHT, folds=2), "xgboost", Search(tmp_path / "t.db", 2))
    fitted = found.training.outcomes["relapse"]
    plain, searched = fitted.models["xgboost"], fitted.models["tuned_xgboost"]
    assert plain.validation is not None
    assert searched.validation is not None
    assert searched.validation.folds is plain.validation.folds
    gain = found.gains("relapse")["log_loss"].value
    assert gain == pytest.approx(plain.validation.headline_log_loss - searched.validation.headline_log_loss)
    assert (fitted.chosen == "tuned_xgboost") == (gain > 0)
    assert found.settings("relapse") == tuned.best(list(found.trials["relapse"])).settings
    records = list(trial_records(found))
    assert [record.tags["kind"] for record in records] == ["trial", "trial"]
    assert records[0].parameters["max_depth"] == "2"


def test_every_search_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outer folds, the whole cohort, and every centre that is predicted by the others."""
    cohort, made, run, losses = simulated_cohort(110, rng=np.random.default_rng(5)), [], Search.run, count()

    def counted(self: Search, name: str, *given: Any, **named: Any) -> list[Trial]:
        made.append(name)
        return run(self, name, *given, **named)

    monkeypatch.setattr(Search, "run", counted)
    # Each loss is lower than the one before, so that the tuned learner wins.
    monkeypatch.setattr("training.fitting.fit_outcome._loss", lambda validation: -next(losses))
    found = tune(cohort, LIGHT, "xgboost", Search(tmp_path / "t.db", 1)).training.outcomes["relapse"]
    assert found.chosen == "tuned_xgboost"
    assert len(found.models["tuned_xgboost"].summary.by_center) == 3
    assert len(made) == searches(cohort, LIGHT) == 2 + 1 + 3
    unnamed = replace(cohort, center=np.full(len(cohort), ""))
    assert searches(unnamed, LIGHT) == 2 + 1
    assert searches(unnamed, replace(LIGHT, outcomes=("relapse", "severe_icans"), repeats=2)) == 4 + 1


def test_trial_that_failed_is_recorded_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, without a figure; the settings are those of a fit that there is."""
    held = tuned.held_out_loss

    def singular_at_first(learner: Learner, training: TrainingSet, folds: np.ndarray, *, seed: int) -> float:
        if learner._settings.max_depth == DEFAULTS["xgboost"]["max_depth"]:  # type: ignore[attr-defined]
            raise np.linalg.LinAlgError
        return held(learner, training, folds, seed=seed)

    monkeypatch.setattr(tuned, "held_out_loss", singular_at_first)
    part = data().training_set(np.arange(60))
    learner = Tuned("xgboost", read_evidence(), Search(tmp_path / "t.db", 8))
    choice = learner.choose(part, np.random.default_rng(1))
    assert choice.trials[0].failed
    assert choice.settings["max_depth"] != DEFAULTS["xgboost"]["max_depth"]
    stated = learner.parameters(choice)
    assert stated["inner_log_loss_default"] == "failed numerically"
    assert np.isfinite(stated["inner_log_loss"])
