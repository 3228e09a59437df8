"""Censoring weights of a group: its own follow-up decides, whatever that of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from features.observation import Observation
from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from serving.model.risk_model import RiskModel
from tests.aalen_johansen import aalen_johansen
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.subgroup_weights import group_weights, why_unweighted
from training.dataset.training_set import TrainingSet
from training.validation.cross_validation import Validation
from training.validation.internal_external import internal_external, predicted_centers
from training.validation.shared_folds import Folds, patient_bootstrap
from training.validation.subgroups import by_subgroup

DAYS = 365
EVENT, DEATH = 500.0, 1500.0
"""Mean days to the event and to death without it, were there nothing else; the same for everybody."""
RISK = (1 / EVENT) / (1 / EVENT + 1 / DEATH) * (1 - np.exp(-DAYS * (1 / EVENT + 1 / DEATH)))
"""The true risk by day 365, by integration of the two constant hazards: .467."""
LONG, SHORT = (730.0, 2000.0), (30.0, 480.0)
"""Between which days a centre loses sight of its patients."""


def followed(*, n: int, spans: dict[str, tuple[float, float]], seed: int = 1) -> OutcomeData:
    """Draw patients of equal risk in centres that follow them for different times."""
    rng = np.random.default_rng(seed)
    cohort = simulated_cohort(n * len(spans), rng=rng)
    found = outcome_data(cohort, OUTCOMES["relapse"], FitConfig())
    assert isinstance(found, OutcomeData)
    size = len(found)
    center = np.array([tuple(spans)[place % len(spans)] for place in range(size)])
    event, death = rng.exponential(EVENT, size), rng.exponential(DEATH, size)
    lost = np.array([rng.uniform(*spans[name]) for name in center])
    first = np.minimum(np.minimum(event, death), lost)
    kind = np.where(lost == first, 0, np.where(event == first, 1, 2))
    seen = Observation(kind, np.ceil(first), np.ones(size, dtype=bool), np.zeros(size, dtype=bool), {})
    return replace(
        found,
        observation=seen,
        center=center,
        groups=np.arange(size),
        horizons_days=(DAYS,),
        models_therapy=False,
    )


def by_truth(data: OutcomeData) -> Validation:
    """Give everybody the true risk, as if out of fold."""
    whole = data.training_set()
    draws = patient_bootstrap(data.groups, 40, np.random.default_rng(2))
    folds = Folds((data.groups % 2)[None], whole.label, whole.weight, draws)
    return Validation((DAYS,), np.full((1, len(data), 1), RISK), folds, {}, np.zeros((1, 2)))


def pooled_ratio(data: OutcomeData, at: NDArray[np.int64]) -> float:
    """Observed to expected events of a group with the weights of everybody."""
    whole = data.training_set().take(at)
    return float((whole.weight * whole.label).sum() / whole.weight.sum() / RISK)


def test_equal_centres_with_unequal_follow_up_are_both_right() -> None:
    """The risks are the truth; by the weights of everybody one centre would be off by a quarter."""
    data = followed(n=900, spans={"Aix": LONG, "Ulm": SHORT})
    found = by_subgroup(data, by_truth(data))["center"]
    for result in found.values():
        assert result.metrics["observed_expected"].value == pytest.approx(1.0, abs=0.08)
    assert pooled_ratio(data, np.flatnonzero(data.center == "Ulm")) > 1.12


class Certain:
    """A learner that knows the truth."""

    name, interval_note, fewest_events = "certain", None, 0

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Nothing is chosen."""

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Nothing is drawn."""

    def fit(self, training: TrainingSet, choice: None) -> RiskModel:
        return RiskModel(training.outcome, "certain", (DAYS,), np.array([np.log(RISK / (1 - RISK))]))

    def refit(self, training: TrainingSet, choice: None, rng: np.random.Generator) -> RiskModel:
        return self.fit(training, choice)

    def evidence_note(self, model: RiskModel, choice: None) -> None:
        return None

    def without_sources(self, model: RiskModel, training: TrainingSet, choice: None) -> tuple[()]:
        return ()

    def with_drawn_inputs(
        self, model: RiskModel, training: TrainingSet, choice: None, rng: np.random.Generator
    ) -> None:
        return None

    def parameters(self, choice: None) -> dict[str, float | int | str]:
        return {}


def test_a_centre_predicted_by_the_others_has_its_own_weights() -> None:
    """All three at the truth, however long they follow."""
    data = followed(n=1500, spans={"Aix": LONG, "Ulm": SHORT, "Bari": (200.0, 900.0)})
    found = internal_external(Certain(), data, data.center, np.random.default_rng(3), n_draws=20)
    assert len(found.centers) == predicted_centers(data) == 3
    for center in found.centers:
        assert center.metrics["observed_expected"].value == pytest.approx(1.0, abs=0.08)


def test_a_centre_that_follows_nobody_to_the_day_is_not_told_of() -> None:
    """No weights can tell what becomes of its patients; the others are told of."""
    spans = {"Aix": LONG, "Ulm": (30.0, 300.0), "Bari": LONG, "Linz": LONG}
    data = followed(n=120, spans=spans)
    at = np.flatnonzero(data.center == "Ulm")
    assert why_unweighted(data, at).startswith("only 0% remain uncensored before day 365")
    found = internal_external(Certain(), data, data.center, np.random.default_rng(3), n_draws=20)
    assert len(found.centers) == predicted_centers(data) == 3
    (note,) = found.notes
    assert (
        "was not predicted by the others: only 0% remain uncensored before day 365, 10 % are needed" in note
    )
    assert len(by_subgroup(data, by_truth(data))["center"]) == 3


def test_weighted_share_of_events_is_the_incidence_in_the_group() -> None:
    """Aalen-Johansen of the group alone, to machine precision."""
    data = followed(n=80, spans={"Aix": LONG, "Ulm": SHORT})
    at = np.flatnonzero(data.center == "Ulm")
    weight, label = group_weights(data, at)[:, 0], data.training_set().label[at, 0]
    days, incidence = aalen_johansen(data.observation.day[at], data.observation.event[at])
    assert (weight * label).sum() / weight.sum() == pytest.approx(incidence[days <= DAYS][-1], abs=1e-12)
