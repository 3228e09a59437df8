"""A whole training: what it learns, what it leaves out, and that a seed gives one bundle."""

import json
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from features.cohort import cohort_from_rows
from features.predictors import predictors
from features.problems import DataError
from features.schema import all_fields
from features.synthetic.simulation import simulate, simulated_cohort
from serving.answers.card import model_card
from serving.answers.scorer import Scorer
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from training.dataset.fit_config import EvidenceChoice, FitConfig
from training.fitting.train import train
from training.statistics.metrics import auroc, observed_expected

THREE = ("severe_crs", "severe_icans", "relapse")
"""Outcomes that everybody can have."""
QUICK = FitConfig(
    outcomes=("severe_crs", "relapse", "death_without_relapse"),
    folds=3,
    repeats=1,
    bootstrap_draws=20,
    replicates=5,
)
"""One of its outcomes is composed."""


@pytest.fixture(scope="module")
def steps():
    """Keep the steps announced and done, a pair an outcome."""
    return []


@pytest.fixture(scope="module")
def quick(steps):
    """Train every model of every outcome once."""

    @contextmanager
    def progress(title, announced):
        done = []
        yield lambda: done.append(1)
        steps.append((announced, len(done)))

    return train(simulated_cohort(150, rng=np.random.default_rng(35)), QUICK, progress=progress)


def test_true_risks_are_recovered_from_a_large_cohort():
    """3,000 synthetic patients: risks follow the truth in rank and in size."""
    rng = np.random.default_rng(31)
    simulation = simulate(3000, rng=rng)
    cohort = cohort_from_rows(
        simulation.rows, name="synthetic.csv", sha256="00", present=frozenset(all_fields())
    )
    outcomes = (*THREE, "crs_grade_2_or_higher", "severe_icaht")
    config = FitConfig(outcomes=outcomes, models=("ridge",), validate=False, replicates=2)
    training = train(cohort, config)
    fresh = simulate(2000, rng=rng)
    patients = predictors(fresh.rows)
    for name, fitted in training.outcomes.items():
        model = fitted.models["ridge"].model
        risk = model.risk(patients)[:, 0]
        truth = fresh.risks[name, model.horizons_days[0]]
        # Those that follow from severe CRS or platelets have less to be told apart by.
        assert np.corrcoef(risk, truth)[0, 1] > (0.85 if name in THREE else 0.75)
        assert risk.mean() == pytest.approx(truth.mean(), rel=0.1)


def test_validated_figures_agree_with_new_patients():
    """Out-of-fold AUROC and O:E of 800 patients are those on 4,000 that nobody has seen, within error."""
    rng = np.random.default_rng(32)
    config = FitConfig(
        outcomes=("severe_crs",), models=("ridge",), repeats=1, bootstrap_draws=60, replicates=2
    )
    fitted = train(simulated_cohort(800, rng=rng), config).outcomes["severe_crs"].models["ridge"]
    fresh = simulate(4000, rng=rng)
    graded = np.array([row["crs_grade"] is not None for row in fresh.rows])
    label = np.array([float((row["crs_grade"] or 0) >= 3) for row in fresh.rows])[graded]
    risk = fitted.model.risk(predictors(fresh.rows))[graded, 0]
    weight = np.ones((1, len(label)))
    metrics = fitted.summary.metrics[30]
    assert metrics["auroc"].low - 0.02 < auroc(risk, label, weight)[0] < metrics["auroc"].high + 0.02
    assert 0.8 < observed_expected(risk, label, weight)[0] < 1.25


def test_the_same_seed_gives_the_same_models_and_another_seed_other_replicates():
    """Everything random follows from the seed."""
    cohort = simulated_cohort(120, rng=np.random.default_rng(33))

    def replicates(seed):
        config = FitConfig(outcomes=("relapse",), models=("ridge",), seed=seed, validate=False, replicates=3)
        return train(cohort, config).bundle.models["relapse"].replicates.coefficients

    np.testing.assert_array_equal(replicates(1), replicates(1))
    assert not np.array_equal(replicates(1), replicates(2))


def test_an_outcome_does_not_depend_on_which_others_are_asked_for():
    """Each outcome has random numbers of its own."""
    cohort = simulated_cohort(120, rng=np.random.default_rng(34))
    config = FitConfig(outcomes=("relapse",), models=("ridge",), validate=False, replicates=3)
    alone = train(cohort, config)
    among = train(cohort, replace(config, outcomes=("severe_icans", "relapse", "death_without_relapse")))
    np.testing.assert_array_equal(
        alone.bundle.models["relapse"].replicates.coefficients,
        among.bundle.models["relapse"].replicates.coefficients,
    )


def test_the_model_with_the_better_out_of_fold_log_loss_is_chosen(quick):
    """By the headline horizon."""
    for fitted in quick.outcomes.values():
        losses = {name: model.validation.headline_log_loss for name, model in fitted.models.items()}
        assert fitted.chosen == min(losses, key=losses.get)


def test_outcomes_without_follow_up_are_left_out_by_name():
    """The others are trained."""
    rows = simulate(150, rng=np.random.default_rng(36)).rows
    rows = [{**row, "icans_grade": None} for row in rows]
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(all_fields()))
    config = FitConfig(outcomes=THREE, models=("ridge",), validate=False, replicates=2)
    training = train(cohort, config)
    assert sorted(training.outcomes) == ["relapse", "severe_crs"]
    assert training.left_out == {"severe_icans": "no infusion has icans_grade filled in"}


def test_a_cohort_without_any_outcome_is_refused_with_every_reason():
    """Three outcomes, three reasons; one that is composed of another lacks what that one lacks."""
    rows = [{"patient_id": "a", "age_years": 30.0}]
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset({"patient_id", "age_years"}))
    with pytest.raises(DataError) as refused:
        train(cohort, QUICK)
    assert str(refused.value) == (
        "c.csv: 3 problems\n"
        "  severe_crs cannot be trained: the cohort has no column crs_grade, crs_grading_system\n"
        "  relapse cannot be trained: the cohort has no column response_day28, relapse_day, death_day, "
        "last_contact_day\n"
        "  death_without_relapse cannot be trained: the cohort has no column response_day28, relapse_day, "
        "death_day, last_contact_day"
    )


def test_as_many_steps_are_done_as_announced(quick, steps):
    """One bar for all outcomes, which ends at its end."""
    ((announced, done),) = steps
    assert announced == done > len(quick.outcomes)


def test_five_baselines_stand_in_the_same_folds_and_gains_over_them_are_paired():
    """Prevalence, EASIX, published, ridge and XGBoost beside the anchored model."""
    config = replace(QUICK, outcomes=("severe_crs",), models=("anchored",))
    fitted = train(simulated_cohort(150, rng=np.random.default_rng(38)), config).outcomes["severe_crs"]
    assert sorted(fitted.baselines) == ["easix", "prevalence", "published", "ridge", "xgboost"]
    summary = fitted.models["anchored"].summary
    assert sorted(summary.paired) == sorted(fitted.baselines)
    folds = fitted.models["anchored"].validation.folds
    assert all(found.folds is folds for found in fitted.baselines.values())
    gain = summary.metrics[30]["log_loss_gain_over_prevalence"]
    assert gain == summary.paired["prevalence"] == fitted.models["anchored"].gain


def test_only_the_released_model_has_replicates_and_its_instability_is_summed_up(quick):
    """The others are there to compare with."""
    for fitted in quick.outcomes.values():
        for name, found in fitted.models.items():
            assert (found.model.replicates is not None) == (name == fitted.chosen)
        width = fitted.models[fitted.chosen].summary.instability
        assert 0 < width.low <= width.value <= width.high < 1


def test_only_the_released_model_is_compared_with_multiple_imputation(quick):
    """Most infusions of the cohort lack an input; the risks move by a few points at most."""
    for fitted in quick.outcomes.values():
        for name, found in fitted.models.items():
            sensitivity = found.summary.imputation_sensitivity
            if name != fitted.chosen or name == "xgboost":
                assert sensitivity is None
                continue
            assert sensitivity.n_imputations == 20
            assert 0.5 < sensitivity.share_incomplete <= 1
            assert 0 < sensitivity.median_difference <= sensitivity.difference_percentile_95 < 0.1


def test_evidence_alone_is_a_bundle_that_answers():
    """No cohort: base rates as published, effects drawn in, nothing called validated."""
    training = train(None, replace(QUICK, replicates=100))
    assert training.bundle.models["death_without_relapse"].parts == (training.bundle.models["relapse"],)
    assert training.outcomes == {}
    assert sorted(training.published) == ["death_without_relapse", "relapse", "severe_crs"]
    assert not training.bundle.cohort.trained
    (answer,) = Scorer(training.bundle).answers([{"marrow_blasts_pct": 62.0, "dose_1e6_per_kg": 1.0}])
    for outcome in answer.outcomes:
        assert outcome.status == "published evidence only"
        assert outcome.easix is None
        assert outcome.missing_costs
        assert outcome.interval.low < outcome.risk < outcome.interval.high
    relapse = next(outcome for outcome in answer.outcomes if outcome.name == "relapse")
    assert 0.3 < relapse.evidence_weight <= 1
    burden = next(item for item in relapse.contributions if item.field == "marrow_blasts_pct")
    assert burden.published > 0
    assert "10.1182/bloodadvances.2021006418" in burden.sources
    codes = {(caution.code, caution.field) for caution in answer.warnings}
    assert ("published_evidence_only", "relapse") in codes
    assert "no_published_effect" not in {code for code, _ in codes}


def test_a_trained_bundle_sets_its_answers_in_context(tmp_path):
    """EASIX alone, patients alike, what is missing, and the card's curves, from training to JSON and back."""
    cohort = simulated_cohort(150, rng=np.random.default_rng(43))
    config = replace(QUICK, outcomes=("severe_crs", "relapse"), models=("anchored",))
    trained = train(cohort, config).bundle
    write_bundle(trained, tmp_path / "bundle")
    bundle = read_bundle(tmp_path / "bundle")
    assert (bundle.summaries, bundle.cohort) == (trained.summaries, trained.cohort)
    body = {
        "age_years": 31.0,
        "marrow_blasts_pct": 62.0,
        "target_antigen": "cd19",
        "prior_lines": 3,
        "dose_1e6_per_kg": 1.0,
        "ldh_u_l": 400.0,
        "creatinine_mg_dl": 0.8,
        "platelets_1e9_l": 80.0,
    }
    (answer,) = Scorer(bundle).answers([body])
    json.dumps(answer.model_dump(mode="json"), allow_nan=False)
    assert answer.alike.n >= 5
    assert answer.alike.of == answer.cohort.n_infusions == len(cohort)
    for outcome, card in zip(answer.outcomes, model_card(bundle).outcomes, strict=True):
        assert outcome.easix.index == 4.0
        assert 0 < outcome.easix.risk < 1
        assert {cost.field for cost in outcome.missing_costs} == {
            item.field for item in outcome.contributions if item.field not in {*body, "easix", "product"}
        }
        assert max(cost.width for cost in outcome.missing_costs) > 0
        assert len(card.calibration.risk) == len(card.calibration.observed)
        assert sum(card.calibration.group_n) == outcome.n_infusions
        assert len(card.decision_curve.model) == 50
        at_20 = bundle.summaries[outcome.name].metrics[outcome.horizon_days]["net_benefit_at_20"].value
        assert card.decision_curve.model[19] == pytest.approx(at_20, abs=6e-4)


def test_without_labs_or_validation_the_answer_goes_without():
    """No EASIX where nobody has platelets; no curves without validation, which EASIX does not need."""
    rows = simulate(120, rng=np.random.default_rng(44)).rows
    config = replace(QUICK, outcomes=("severe_crs",), models=("ridge",), validate=False)
    for platelets, expected in (({}, True), ({"platelets_1e9_l": None}, False)):
        changed = [{**row, **platelets} for row in rows]
        cohort = cohort_from_rows(changed, name="c.csv", sha256="00", present=frozenset(all_fields()))
        summary = train(cohort, config).bundle.summaries["severe_crs"]
        assert (summary.easix is not None) == expected
        assert (summary.calibration, summary.decision_curve) == (None, None)


def answer_of(rows):
    """Train on rows and answer for one patient; the bundle comes along."""
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(all_fields()))
    bundle = train(cohort, replace(QUICK, outcomes=("relapse",))).bundle
    body = {"marrow_blasts_pct": 62.0, "dose_1e6_per_kg": 1.0}
    return Scorer(bundle).answers([body])[0], bundle


def in_remission(n_patients, *, seed):
    """Make infusions in remission, each followed a little longer than the one before."""
    rows = simulate(n_patients, rng=np.random.default_rng(seed)).rows[:n_patients]
    seen = {"response_day28": "cr", "relapse_day": None, "death_day": None}
    return [{**row, **seen, "last_contact_day": 800 * n // n_patients} for n, row in enumerate(rows, start=1)]


def test_a_first_centre_of_eight_patients_is_answered_at_every_horizon():
    """However few are still followed: what eight patients say is held by the literature."""
    answer, bundle = answer_of(in_remission(8, seed=40))
    relapse = next(outcome for outcome in answer.outcomes if outcome.name == "relapse")
    assert [point.horizon_days for point in relapse.curve] == [90, 180, 365, 730]
    assert [point.risk for point in relapse.curve] == sorted(point.risk for point in relapse.curve)
    assert relapse.status == "not validated locally"
    assert 0 < relapse.risk < published_risk("relapse")
    assert bundle.summaries["relapse"].n_events == 0


def published_risk(outcome):
    """Headline risk of the same patient by the literature alone."""
    bundle = train(None, replace(QUICK, outcomes=(outcome,))).bundle
    body = {"marrow_blasts_pct": 62.0, "dose_1e6_per_kg": 1.0}
    return Scorer(bundle).answers([body])[0].outcomes[0].risk


def test_a_horizon_that_a_cohort_cannot_tell_rests_on_the_published_course_and_says_so():
    """Twenty-four patients, fewer than ten followed for two years."""
    answer, bundle = answer_of(in_remission(24, seed=42))
    assert list(bundle.summaries["relapse"].dropped_horizons) == [730]
    relapse = next(outcome for outcome in answer.outcomes if outcome.name == "relapse")
    assert [point.horizon_days for point in relapse.curve] == [90, 180, 365, 730]
    (told,) = [caution for caution in answer.warnings if caution.code == "horizon_from_published_evidence"]
    assert (
        "by day 730: follows the published time course, because fewer than 10 infusions are at risk"
        in told.message
    )


def test_without_the_literature_nothing_is_published_and_ridge_like_shrinkage_is_left():
    """The evidence weight is 0 and no contribution names a source."""
    config = replace(
        QUICK,
        outcomes=("relapse",),
        models=("anchored",),
        validate=False,
        evidence=EvidenceChoice(literature=False),
    )
    training = train(simulated_cohort(150, rng=np.random.default_rng(41)), config)
    model = training.bundle.models["relapse"]
    assert model.evidence_weight == 0
    assert not model.linear.published.any()
    assert training.bundle.summaries["relapse"].evidence_note.startswith(
        "no published effect on this outcome"
    )
