"""A released model on another cohort: nothing refitted, nothing invented, and what is refused."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from features.log_odds import logit
from features.measures import GAIN
from features.outcomes import OUTCOMES
from features.problems import DataError
from features.synthetic.simulation import simulated_cohort
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import ModelUpdate
from tests.bundles import make_bundle
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import outcome_data
from training.external.external_validation import (
    ExternalValidation,
    NotExternal,
    seen_cohorts,
    validate_externally,
)
from training.external.measures_of_few import NEED_EVENTS
from training.records.metric_names import horizon_metrics
from training.records.parent_intervals import with_interval
from training.records.validation_runs import closed_test_table, outcome_records, validation_record
from training.records.validation_text import sentences
from training.statistics.metrics import METRICS, auroc, log_loss

CONFIG = FitConfig(outcomes=("severe_crs", "relapse"), bootstrap_draws=30)


def cohort(n_patients=120, seed=3):
    return simulated_cohort(n_patients, rng=np.random.default_rng(seed))


@cache
def found() -> ExternalValidation:
    return validate_externally(make_bundle(), cohort(), CONFIG)


def constant(risk: float) -> Bundle:
    """Make a bundle with one risk of severe CRS for everybody."""
    bundle = make_bundle()
    odds = logit(np.array([risk]))
    model = RiskModel("severe_crs", "prevalence", (30,), odds, replicates=None)
    model = replace(model, replicates=replace_replicates(bundle, odds))
    summary = bundle.summaries["severe_crs"]
    return replace(bundle, models={"severe_crs": model}, summaries={"severe_crs": summary})


def replace_replicates(bundle, odds):
    before = bundle.models["severe_crs"].replicates
    assert before is not None
    nothing = np.zeros((len(before), 0))
    return replace(
        before, intercepts=np.tile(odds, (len(before), 1)), coefficients=nothing, missing=nothing, forest=None
    )


def test_the_risks_are_those_of_the_scorer() -> None:
    """To the last bit: what answers is what is measured."""
    others = cohort()
    risks = Scorer(make_bundle()).risks(others.patients)
    for name, outcome in found().outcomes.items():
        places = [risks[name].horizons_days.index(days) for days in outcome.data.horizons_days]
        expected = risks[name].risk[outcome.data.position][:, places]
        np.testing.assert_array_equal(outcome.validation.risk[0], expected)


def test_measures_are_those_of_internal_validation() -> None:
    """The same names at every horizon, and the values of the plain functions on the new cohort's weights."""
    for name, outcome in found().outcomes.items():
        assert all(set(each) == {*METRICS, GAIN} for each in outcome.validation.metrics.values())
        whole = outcome_data(cohort(), OUTCOMES[name], CONFIG).training_set()
        for place, days in enumerate(outcome.data.horizons_days):
            risk = outcome.validation.risk[0, :, place]
            label, weight = whole.label[:, place], whole.weight[None, :, place]
            figures = outcome.validation.metrics[days]
            assert figures["log_loss"].value == pytest.approx(log_loss(risk, label, weight)[0])
            assert figures["auroc"].value == pytest.approx(auroc(risk, label, weight)[0])


def test_gain_is_over_the_prevalence_of_the_new_cohort() -> None:
    """One risk for all cannot beat it; the prevalence itself gains nothing."""
    share = found().outcomes["severe_crs"].validation.folds.label.mean()
    config = replace(CONFIG, outcomes=("severe_crs",))
    same = validate_externally(constant(share), cohort(), config).outcomes["severe_crs"].headline[GAIN]
    assert same.value == pytest.approx(0.0, abs=1e-12)
    higher = (
        validate_externally(constant(share + 0.2), cohort(), config).outcomes["severe_crs"].headline[GAIN]
    )
    assert higher.value is not None
    assert higher.value < 0


def test_the_same_seed_gives_the_same_figures() -> None:
    """Also where another outcome is asked for beside it."""
    alone = validate_externally(make_bundle(), cohort(), replace(CONFIG, outcomes=("relapse",)))
    assert alone.outcomes["relapse"].validation.metrics == found().outcomes["relapse"].validation.metrics


def test_metrics_have_the_names_of_training() -> None:
    """So that runs stand side by side in MLflow; nothing is NaN."""
    for record in outcome_records(found()):
        outcome = found().outcomes[record.parameters["outcome"]]
        expected = horizon_metrics(outcome.validation.metrics)
        assert expected.items() <= record.metrics.items()
        assert np.isfinite(list(record.metrics.values())).all()
        assert {"calibration.svg", "roc.svg", "decision.svg", "contributions.svg"} <= set(record.figures)
        for draw in record.figures.values():
            draw()
        assert record.tags["validated_version"] == make_bundle().version
    parent = validation_record(found())
    assert parent.tags["kind"] == "external_validation"
    figure = found().outcomes["relapse"].headline["auroc"]
    assert parent.metrics["relapse/auroc"] == figure.value
    stated = with_interval(Measured(figure.value), parent.tags, "relapse", "auroc")
    assert (stated.low, stated.high) == pytest.approx((figure.low, figure.high), rel=1e-12)


def test_tests_are_kept_as_a_table() -> None:
    """A row a test, in their order."""
    choice = found().outcomes["relapse"].choice
    lines = closed_test_table(choice).splitlines()
    assert lines[0] == "larger,smaller,statistic,design_effect,df,p_value"
    assert len(lines) == 1 + len(choice.steps)


def test_training_cohort_is_refused_and_named() -> None:
    """Unless it is asked for, and then it is said."""
    bundle = make_bundle()
    same = replace(cohort(), sha256=bundle.cohort.sha256, name="ours.csv")
    with pytest.raises(NotExternal) as refused:
        validate_externally(bundle, same, CONFIG)
    assert str(refused.value) == (
        f"ours.csv is the file that version {bundle.version} was trained on (equal SHA-256): this "
        "would not be external validation. `cart-outcomes compare` shows the out-of-fold metrics; "
        "validate on this file anyway with --allow-training-cohort"
    )
    allowed = validate_externally(bundle, same, CONFIG, allow_training_cohort=True)
    assert not allowed.external
    assert (
        validation_record(allowed).tags["external"] == "no: the model was trained or updated on this cohort"
    )


def test_cohorts_of_updates_are_not_external_either() -> None:
    """The last one and those before."""
    bundle = make_bundle()
    update = ModelUpdate("intercept", 0.5, 1.0, {}, (), "sha256:before", "b.csv", "bb" * 32, ("cc" * 32,))
    name = next(iter(bundle.summaries))
    summaries = {**bundle.summaries, name: replace(bundle.summaries[name], update=update)}
    updated = replace(bundle, summaries=summaries, provenance={})
    assert seen_cohorts(updated) == {bundle.cohort.sha256, "bb" * 32, "cc" * 32}
    with pytest.raises(NotExternal, match=r"^synthetic\.csv is the file that the bundle was updated on "):
        validate_externally(updated, replace(cohort(), sha256="cc" * 32), CONFIG)


def test_cohort_without_outcomes_is_refused_with_every_reason() -> None:
    """Which column is missing for which outcome."""
    whole = cohort()
    bare = replace(whole, present=whole.present - {"crs_grade", "last_contact_day"}, name="theirs.csv")
    with pytest.raises(DataError) as refused:
        validate_externally(
            make_bundle(), bare, FitConfig(outcomes=("severe_crs", "severe_icans", "relapse"))
        )
    assert str(refused.value) == (
        "theirs.csv: 3 problems\n"
        "  severe_crs cannot be validated: the cohort has no column crs_grade\n"
        "  severe_icans cannot be validated: the model does not predict it: "
        f"{make_bundle().left_out.get('severe_icans', 'it was not trained')}\n"
        "  relapse cannot be validated: the cohort has no column last_contact_day"
    )


def test_horizons_that_the_model_does_not_know_are_named() -> None:
    """Judged are those that both know."""
    bundle = make_bundle()
    model = bundle.models["relapse"]
    places = [model.horizons_days.index(days) for days in (90, 180)]
    assert model.replicates is not None
    short = replace(
        model,
        horizons_days=(90, 180),
        reference=model.reference[places],
        replicates=replace(model.replicates, intercepts=model.replicates.intercepts[:, places]),
        without_sources=(),
    )
    shorter = replace(bundle, models={**bundle.models, "relapse": short})
    outcome = validate_externally(shorter, cohort(), CONFIG).outcomes["relapse"]
    assert set(outcome.data.horizons_days) == {90, 180}
    assert outcome.data.dropped_horizons[365] == "the model has no risk by this day"
    assert outcome.data.n_headline_events <= found().outcomes["relapse"].data.n_headline_events


def few(n_events: int) -> ExternalValidation:
    """Keep as many patients with severe CRS, and all without."""
    whole = cohort()
    grade = whole.follow_up["crs_grade"].copy()
    severe = np.flatnonzero(grade >= 3)
    grade[severe[n_events:]] = 1
    values = {**whole.follow_up.values, "crs_grade": grade}
    fewer = replace(whole, follow_up=replace(whole.follow_up, values=values))
    return validate_externally(make_bundle(), fewer, replace(CONFIG, outcomes=("severe_crs",)))


@pytest.mark.parametrize("n_events", [0, 1, 4])
def test_of_few_events_no_figure_is_made_up(n_events: int) -> None:
    """Counts are told, measures that cannot be told are named, none is NaN; proper scores remain."""
    few_found = few(n_events)
    outcome = few_found.outcomes["severe_crs"]
    assert set(outcome.not_computed) == set(NEED_EVENTS)
    assert outcome.headline["log_loss"].value is not None
    with_interval = {name for name, figure in outcome.headline.items() if figure.low is not None}
    assert with_interval == {"observed_expected"}
    told = sentences(outcome, small_counts=True)
    free = outcome.patients[30][1]
    with_event = f"{n_events} patient{'s' if n_events != 1 else ''} with the event by day 30"
    assert told[0] == f"{with_event}, {free} known event-free; 5 of each are needed to validate a model"
    assert told[1] == (
        "not computed: scaled Brier score, AUROC, calibration in the large, calibration slope, ICI, "
        "gain over prevalence"
    )
    assert "observed : expected events 0." in told[2]
    assert told[-1] == "the need for an update cannot be tested: too few events or event-free patients"
    (record,) = outcome_records(few_found, small_counts=True)
    assert record.tags["n_events"] == f"{n_events}"
    assert "auroc" not in record.metrics
    assert np.isfinite(list(record.metrics.values())).all()
    assert not any(name.startswith(("calibration", "roc")) for name in record.figures)
    for draw in record.figures.values():
        draw()


def test_no_event_at_all_speaks_against_high_risks() -> None:
    """By the exact interval of the rate: 1 - .05 ^ (1 / n) at its upper end."""
    outcome = few(0).outcomes["severe_crs"]
    ratio, n = outcome.headline["observed_expected"], sum(outcome.patients[30])
    expected = outcome.validation.mean_risk[:, 0].mean()
    assert (ratio.value, ratio.low) == (0, 0)
    assert ratio.high == pytest.approx((1 - 0.05 ** (1 / n)) / expected, rel=1e-9)
    told = sentences(outcome, small_counts=True)
    assert told[2].startswith(
        "predicted risks are too high on average: observed : expected events 0.00 (0.00 to"
    )


@pytest.mark.parametrize("n_events", [1, 4])
def test_few_events_are_masked_with_their_share(n_events: int) -> None:
    """In what MLflow shows: the description, the tags and the decision curve."""
    few_found = few(n_events)
    told = sentences(few_found.outcomes["severe_crs"])
    assert told[0].startswith(
        "masked numbers of patients with the event by day 30, and known event-free; 5 of"
    )
    assert not any("observed : expected" in line for line in told)
    (record,) = outcome_records(few_found)
    assert record.tags["n_events"] == "masked"
    assert not {"log_loss", "observed_expected"} & set(record.metrics)
    assert validation_record(few_found).metrics == {}
    assert "decision.svg" not in record.figures


def test_sentences_tell_level_spread_ranking_and_update() -> None:
    """In this order, each with its figure."""
    outcome = replace(found().outcomes["relapse"], internal={365: {"auroc": Measured(0.71, 0.6, 0.8)}})
    told = sentences(outcome)
    assert "observed : expected events " in told[1]
    assert told[2].endswith(")")
    assert told[3].endswith("here, 0.71 (0.60 to 0.80) in internal validation")
    assert "p " in told[4]
