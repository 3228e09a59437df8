"""Outcomes that only some can have, from training to update: near the truth, never contradictory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.cohort import Cohort, cohort_from_rows
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.schema import all_fields
from features.synthetic.simulation import Simulation, simulate, simulated_cohort
from serving.model.bundle import Bundle
from serving.model.composed_risk import linked
from serving.model.outcome_risks import bundle_risks
from serving.model.read_bundle import read_bundle
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Status
from serving.model.write_bundle import write_bundle
from tests.bundles import patients
from training.comparison.paired_comparison import Difference, compare_versions
from training.comparison.training_recipe import Recipe
from training.comparison.version_risks import Contender
from training.dataset.fit_config import FitConfig
from training.external.external_validation import ExternalValidation, validate_externally
from training.external.update_version import updated_version
from training.fitting.train import Training, train
from training.release.release_checks import bundle_reasons
from training.validation.state_shares import state_shares

CONFIG = FitConfig(
    outcomes=("death", "crs_grade_2_or_higher"),
    models=("ridge",),
    folds=3,
    repeats=1,
    bootstrap_draws=20,
    replicates=6,
)
SEVERAL = 300


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(500, rng=np.random.default_rng(61))


@pytest.fixture(scope="module")
def cohort(simulation: Simulation) -> Cohort:
    known = frozenset(all_fields())
    return cohort_from_rows(simulation.rows, name="synthetic.csv", sha256="aa" * 32, present=known)


@pytest.fixture(scope="module")
def training(cohort: Cohort) -> Training:
    return train(cohort, CONFIG)


def test_what_an_outcome_is_composed_of_is_trained_too(training: Training) -> None:
    """In the order of the table, and released with it."""
    parts = ["severe_crs", "relapse", "death_without_relapse"]
    assert list(training.outcomes) == [*parts, "death", "crs_grade_2_or_higher"]
    assert list(training.bundle.models) == list(training.outcomes)
    death = training.bundle.models["death"]
    assert death.parts == tuple(training.bundle.models[name] for name in ("relapse", "death_without_relapse"))


@pytest.mark.parametrize("outcome", ["death_without_relapse", "crs_grade_2_or_higher", "relapse"])
def test_mean_risk_out_of_fold_is_near_the_truth(
    training: Training, simulation: Simulation, outcome: str
) -> None:
    """At every horizon: within four standard errors of as many infusions."""
    data = training.outcomes[outcome].data
    for days, mean in training.bundle.summaries[outcome].mean_risk.items():
        truth = simulation.risks[outcome, days][data.position].mean()
        # A longer follow-up is known of fewer.
        known = (data.scoring_set().weight[:, data.horizons_days.index(days)] > 0).sum()
        assert abs(mean - truth) < 4 * np.sqrt(truth * (1 - truth) / known), days


def test_outcomes_are_held_out_together(training: Training) -> None:
    """Composed risks out of fold rest on models that saw none of the infusions."""
    folds = {
        name: fitted.models["ridge"].validation.folds.number for name, fitted in training.outcomes.items()
    }
    for name in ("death_without_relapse", "death"):
        np.testing.assert_array_equal(folds[name], folds["relapse"])


def test_states_out_of_fold_add_up(training: Training) -> None:
    """Of every infusion at every horizon, and so does their mean."""
    risk = {
        name: fitted.models["ridge"].validation.risk
        for name, fitted in training.outcomes.items()
        if "death" in name or name == "relapse"
    }
    neither = 1 - risk["relapse"] - risk["death_without_relapse"]
    assert (neither >= -1e-9).all()
    assert (1 - risk["death"] >= neither - 1e-9).all()
    (shares,) = state_shares(training.bundle.summaries)
    assert shares.titles == (
        "no response, relapse or progression",
        "death without relapse",
        "alive in remission",
    )
    assert list(shares.observed) == list(shares.predicted) == [90, 180, 365, 730]
    for days in shares.observed:
        for by_day in (shares.observed, shares.predicted):
            assert sum(by_day[days]) == pytest.approx(1, abs=1e-9)
            assert min(by_day[days]) > 0
        np.testing.assert_allclose(shares.observed[days], shares.predicted[days], atol=0.06)


def coherent(bundle: Bundle) -> None:
    """Check the risks of many patients, and of every replicate, contradictory."""
    found = bundle_risks(bundle, predictors(patients(SEVERAL, np.random.default_rng(7))))
    for shape in ("risk", "replicates"):
        risk = {name: getattr(each, shape) for name, each in found.items()}
        neither = 1 - risk["relapse"] - risk["death_without_relapse"]
        assert (neither >= -1e-9).all()
        assert (1 - risk["death"] >= neither - 1e-9).all()
        assert (risk["crs_grade_2_or_higher"] >= risk["severe_crs"] - 1e-12).all()
        in_time = np.argsort(found["relapse"].horizons_days)
        for name in ("death_without_relapse", "death"):
            assert (np.diff(risk[name][..., in_time], axis=-1) >= -1e-12).all()


def test_a_bundle_keeps_what_risks_are_composed_of(training: Training, tmp_path: Path) -> None:
    """Written and read again: the same risks, and reasons against no release for its sums."""
    write_bundle(training.bundle, tmp_path / "bundle")
    again = read_bundle(tmp_path / "bundle")
    coherent(again)
    columns = predictors(patients(10, np.random.default_rng(8)))
    for name, model in training.bundle.models.items():
        np.testing.assert_array_equal(again.models[name].risk(columns), model.risk(columns))
    assert not [reason for reason in bundle_reasons(again) if "do not sum" in reason]
    assert again.summaries == training.bundle.summaries


def test_a_risk_composed_of_another_model_than_the_released_is_refused(training: Training) -> None:
    """The sums of the explanation would not lead to the risk that is shown."""
    relapse = training.bundle.models["relapse"]
    other = replace(relapse, reference=relapse.reference + 0.5)
    changed = replace(training.bundle, models={**training.bundle.models, "relapse": other})
    reasons = [reason for reason in bundle_reasons(changed) if "do not sum" in reason]
    assert [reason.partition(":")[0] for reason in reasons] == ["death_without_relapse", "death"]


def contender(number: str, bundle: Bundle, config: FitConfig) -> Contender:
    stated = replace(bundle, digest=f"sha256:{number}", provenance={"version": number})
    return Contender(stated, Recipe(config))


def test_a_comparison_makes_the_recorded_loss_of_a_composed_outcome_again(
    training: Training, cohort: Cohort
) -> None:
    """To the last digit, with the parts fitted in the same folds."""
    evidence = replace(CONFIG, models=("anchored",), validate=False)
    pair = contender("1", training.bundle, CONFIG), contender("2", train(None, evidence).bundle, evidence)
    found = compare_versions(pair, cohort)
    for name in ("death_without_relapse", "death", "crs_grade_2_or_higher"):
        difference = found[name]
        assert isinstance(difference, Difference), difference
        recorded = training.bundle.summaries[name].metrics
        headline = recorded[training.bundle.models[name].horizons_days[0]]
        assert difference.losses[0] == {each: headline[each] for each in ("log_loss", "brier")}


def moved(model: RiskModel, shift: float) -> RiskModel:
    assert model.replicates is not None
    replicates = replace(model.replicates, intercepts=model.replicates.intercepts + shift)
    return replace(model, reference=model.reference + shift, replicates=replicates)


@pytest.fixture(scope="module")
def external(training: Training) -> ExternalValidation:
    """Validate models of relapse and death without it whose level is far off, on other patients."""
    models = training.bundle.models
    changed = {name: moved(models[name], -2.0) for name in ("relapse", "death_without_relapse")}
    released = replace(training.bundle, models={**models, **changed}, digest="sha256:parent")
    elsewhere = replace(simulated_cohort(200, rng=np.random.default_rng(62)), sha256="ee" * 32)
    return validate_externally(released, elsewhere, replace(CONFIG, outcomes=tuple(models)))


def test_an_update_keeps_all_that_holds_between_outcomes(external: ExternalValidation) -> None:
    """What is composed rests on the updated models."""
    version = updated_version(external)
    assert version is not None
    assert {"relapse", "death_without_relapse"} <= set(version.outcomes)
    models = version.bundle.models
    assert models["death_without_relapse"].parts == (models["relapse"],)
    assert models["death"].parts == (models["relapse"], models["death_without_relapse"])
    coherent(version.bundle)
    assert not [reason for reason in bundle_reasons(version.bundle) if "do not sum" in reason]


def test_an_update_is_compared_with_the_risks_that_are_released(external: ExternalValidation) -> None:
    """Composed once: where no part is updated, the original's risks out of fold are those of the service."""
    name = "death_without_relapse"
    version = updated_version(replace(external, outcomes={name: external.outcomes[name]}))
    assert version is not None
    outcome, released = version.outcomes[name], external.bundle.models
    among = replace(released[name], composition=None)
    composed = among.risk(outcome.data.patients) * (1 - released["relapse"].risk(outcome.data.patients))
    original = outcome.baselines["original"].risk[0]
    assert original.shape == (len(outcome.data), len(outcome.data.horizons_days))
    headline = outcome.data.horizons_days[0]
    at = released[name].horizons_days.index(headline)
    np.testing.assert_allclose(original[:, 0], composed[:, at])


def test_a_composed_outcome_is_compared_with_what_was_released(external: ExternalValidation) -> None:
    """Though its parts are updated: released parts for the released model, prevalences for the prevalence."""
    version = updated_version(external)
    assert version is not None
    assert {"relapse", "death_without_relapse"} <= set(version.outcomes)
    for name in ("death_without_relapse", "death"):
        outcome, released = version.outcomes[name], linked(external.bundle.models)[name]
        folds, data = outcome.validation.folds, outcome.data
        original = released.risk_by(data.patients, data.horizons_days)
        for repeat in outcome.baselines["original"].risk:
            np.testing.assert_allclose(repeat, original, rtol=1e-12)
        for repeat, numbers in zip(outcome.baselines["prevalence"].risk, folds.number, strict=True):
            for fold in np.unique(numbers):
                assert np.ptp(repeat[numbers == fold], axis=0).max() < 1e-12


def test_the_prevalence_of_a_part_that_is_not_updated_is_one_for_all(external: ExternalValidation) -> None:
    name = "death_without_relapse"
    version = updated_version(replace(external, outcomes={name: external.outcomes[name]}))
    assert version is not None
    baseline = version.outcomes[name].baselines["prevalence"]
    for repeat, numbers in zip(baseline.risk, baseline.folds.number, strict=True):
        for fold in np.unique(numbers):
            assert np.ptp(repeat[numbers == fold], axis=0).max() < 1e-12


def test_what_rests_on_an_updated_outcome_alone_is_no_longer_validated(external: ExternalValidation) -> None:
    version = updated_version(replace(external, outcomes={"relapse": external.outcomes["relapse"]}))
    assert version is not None
    assert set(version.outcomes) == {"relapse"}
    before, after = external.bundle.summaries, version.bundle.summaries
    assert before["death"].metrics
    for name in ("death_without_relapse", "death"):
        assert not after[name].metrics
        assert after[name].status is Status.NOT_VALIDATED
        (fact,) = after[name].status_facts
        assert (fact.code, fact.figures) == ("part_updated", {"parts": OUTCOMES["relapse"].title})
        assert after[name].status_reasons == (fact.text,)
    for name in set(before) - {"relapse", "death_without_relapse", "death"}:
        assert after[name] == before[name]


def test_the_prevalence_is_one_for_all_though_a_part_has_few_events() -> None:
    """A part with too few events to be validated has out-of-fold risks of its own prevalence too."""
    config = replace(CONFIG, outcomes=("death",), models=("anchored",))
    training = train(simulated_cohort(60, rng=np.random.default_rng(2)), config)
    part = training.outcomes["death_without_relapse"]
    assert set(part.for_others) == {"anchored", "prevalence", "published"}
    baseline = training.outcomes["death"].baselines["prevalence"]
    for repeat, numbers in zip(baseline.risk, baseline.folds.number, strict=True):
        for fold in np.unique(numbers):
            assert np.ptp(repeat[numbers == fold], axis=0).max() < 1e-12


def test_a_part_known_of_one_patient_is_fitted_without_validation() -> None:
    """No patient can be held out, so what is composed of it is not validated either."""
    one = simulated_cohort(30, rng=np.random.default_rng(3))
    grade = one.follow_up["crs_grade"]
    grade[1:] = np.nan
    training = train(one, replace(CONFIG, outcomes=("crs_grade_2_or_higher",), models=("anchored",)))
    assert "severe_crs" in training.outcomes
    assert all(each.models[each.chosen].validation is None for each in training.outcomes.values())
