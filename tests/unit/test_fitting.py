"""A whole training: what it learns, what it leaves out, and that a seed gives one bundle."""

import numpy as np
import pytest

from features.cohort import cohort_from_rows
from features.predictors import predictors
from features.problems import DataError
from features.schema import all_fields
from features.synthetic.simulation import simulate, simulated_cohort
from training.config import FitConfig
from training.fitting import train
from training.metrics import auroc, observed_expected

QUICK = FitConfig(folds=3, repeats=1, bootstrap_draws=20, replicates=5)


def test_true_risks_are_recovered_from_a_large_cohort():
    """3,000 synthetic patients: risks follow the truth in rank and in size."""
    rng = np.random.default_rng(31)
    simulation = simulate(3000, rng=rng)
    cohort = cohort_from_rows(
        simulation.rows, name="synthetic.csv", sha256="00", present=frozenset(all_fields())
    )
    training = train(cohort, FitConfig(models=("ridge",), validate=False, replicates=2))
    fresh = simulate(2000, rng=rng)
    patients = predictors(fresh.rows)
    for name, fitted in training.outcomes.items():
        model = fitted.models["ridge"].model
        risk = model.risk(patients)[:, 0]
        truth = fresh.risks[name, model.horizons_days[0]]
        assert np.corrcoef(risk, truth)[0, 1] > 0.85
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
        config = FitConfig(models=("ridge",), seed=seed, validate=False, replicates=3)
        return train(cohort, config).bundle.models["relapse"].replicates.coefficients

    np.testing.assert_array_equal(replicates(1), replicates(1))
    assert not np.array_equal(replicates(1), replicates(2))


def test_an_outcome_does_not_depend_on_which_others_are_asked_for():
    """Each outcome has random numbers of its own."""
    cohort = simulated_cohort(120, rng=np.random.default_rng(34))
    alone = train(cohort, FitConfig(outcomes=("relapse",), models=("ridge",), validate=False, replicates=3))
    among = train(cohort, FitConfig(models=("ridge",), validate=False, replicates=3))
    np.testing.assert_array_equal(
        alone.bundle.models["relapse"].replicates.coefficients,
        among.bundle.models["relapse"].replicates.coefficients,
    )


def test_the_model_with_the_better_out_of_fold_log_loss_is_chosen():
    """By the headline horizon."""
    training = train(simulated_cohort(150, rng=np.random.default_rng(35)), QUICK)
    for fitted in training.outcomes.values():
        losses = {name: model.validation.headline_log_loss for name, model in fitted.models.items()}
        assert fitted.chosen == min(losses, key=losses.get)


def test_outcomes_without_follow_up_are_left_out_by_name():
    """The others are trained."""
    rows = simulate(150, rng=np.random.default_rng(36)).rows
    rows = [{**row, "icans_grade": None} for row in rows]
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(all_fields()))
    training = train(cohort, FitConfig(models=("ridge",), validate=False, replicates=2))
    assert sorted(training.outcomes) == ["relapse", "severe_crs"]
    assert training.left_out == {"severe_icans": "no infusion has icans_grade filled in"}


def test_a_cohort_without_any_outcome_is_refused_with_every_reason():
    """Three outcomes, three reasons."""
    rows = [{"patient_id": "a", "age_years": 30.0}]
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset({"patient_id", "age_years"}))
    with pytest.raises(DataError) as refused:
        train(cohort, QUICK)
    assert str(refused.value) == (
        "c.csv: 3 problems\n"
        "  severe_crs cannot be trained: the cohort has no column crs_grade, crs_grading_system\n"
        "  severe_icans cannot be trained: the cohort has no column icans_grade\n"
        "  relapse cannot be trained: the cohort has no column response_day28, relapse_day, death_day, "
        "last_contact_day"
    )


def test_progress_is_told_as_many_steps_as_announced():
    """A bar that ends at its end."""
    from contextlib import contextmanager

    told = []

    @contextmanager
    def progress(title, steps):
        done = []
        yield lambda: done.append(1)
        told.append((steps, len(done)))

    train(simulated_cohort(150, rng=np.random.default_rng(37)), QUICK, progress=progress)
    assert len(told) == 3
    assert all(announced == done for announced, done in told)
