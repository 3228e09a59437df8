"""What is recorded of a training, before MLflow has a part in it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from features.measures import IN_RUN_LIST
from features.outcomes import OUTCOMES
from serving.model.figure_text import measured
from serving.model.validation_summary import Reason
from tests.recorded import LIGHT, canary_cohort, short_name
from training.comparison.champion_gain import CHAMPION_GAIN
from training.dataset.fit_config import EvidenceChoice, FitConfig
from training.evidence.evidence_set import Evidence
from training.fitting.fit_evidence_only import PublishedOutcome, PublishedPlan, fit_published
from training.fitting.parts import ExpectedParts
from training.fitting.train import Training, train
from training.records.descriptions import training_name
from training.records.evidence_tables import HEADINGS
from training.records.league_file import LEAGUE_FILE
from training.records.markdown_table import GAP, NO_BREAK
from training.records.parent_intervals import INTERVALS
from training.records.run_figures import published_figures
from training.records.run_record import RunRecord
from training.records.training_runs import child_records, parent_record
from training.tasks.work import run
from training.tracking.saved_view import FACTS


@pytest.fixture(scope="module")
def training() -> Training:
    config = replace(LIGHT, outcomes=("severe_icans", "relapse"))
    return train(canary_cohort(90, np.random.default_rng(5)), config)


@pytest.fixture(scope="module")
def mixed(training: Training) -> Training:
    """Make relapse an outcome that the cohort tells nothing of."""
    rng = np.random.default_rng(1)
    why = Reason("uninformative_cohort", "the cohort has too little data on it: no follow-up")
    published = of_evidence(training.evidence, training.config, rng, why)
    outcomes = {"severe_icans": training.outcomes["severe_icans"]}
    return replace(training, outcomes=outcomes, published={"relapse": published})


def of_evidence(
    evidence: Evidence, config: FitConfig, rng: np.random.Generator, why: Reason
) -> PublishedOutcome:
    """Make the model of relapse without a patient."""
    parts = ExpectedParts(OUTCOMES["relapse"], {}, {})
    return run(fit_published(PublishedPlan("relapse", evidence, config, rng, why, parts)))


def children(training: Training) -> dict[str, RunRecord]:
    return {short_name(record.name): record for record in child_records(training)}


def with_chosen(training: Training, outcome: str, name: str) -> Training:
    fitted = replace(training.outcomes[outcome], chosen=name)
    return replace(training, outcomes={**training.outcomes, outcome: fitted})


def told(record: RunRecord) -> str:
    """Give the description with its cells as they are written, without the room after them."""
    return record.description.replace(f"{GAP} |", " |")


def drawn(record: RunRecord, name: str) -> Figure:
    figure = record.figures[name]()
    assert figure is not None
    return figure


def test_baseline_that_is_a_model_is_recorded_once(training: Training) -> None:
    """As a model, with what it gains over the other baselines."""
    records = children(training)
    kinds = {name: record.tags["kind"] for name, record in records.items() if name.startswith("relapse")}
    assert kinds == {
        "relapse / anchored": "model",
        "relapse / ridge": "model",
        "relapse / prevalence": "baseline",
        "relapse / easix": "baseline",
        "relapse / published": "baseline",
        "relapse / xgboost": "baseline",
    }
    ridge = records["relapse / ridge"].metrics
    assert "gain/xgboost" in ridge
    assert "gain/ridge" not in ridge


def test_what_could_not_be_fitted_is_said(training: Training) -> None:
    """With the training and with each model of the outcome."""
    why = "xgboost: 2 distinct events"
    fitted = replace(training.outcomes["relapse"], not_fitted={"xgboost": why})
    lacking = replace(training, outcomes={**training.outcomes, "relapse": fitted})
    assert parent_record(lacking).tags["not_fitted.relapse.xgboost"] == why
    records = children(lacking)
    assert records["relapse / ridge"].tags["not_fitted.xgboost"] == why
    assert "not_fitted.xgboost" not in records["severe_icans / ridge"].tags


def test_trainings_that_differ_have_names_that_differ_at_once(training: Training) -> None:
    """A list cuts names: settings that are not the defaults come first, then the cohort, then the moment."""
    assert training.period is not None
    other = replace(training, config=replace(training.config, seed=7))
    plain = training_name(replace(training, config=FitConfig()))
    cohort = training.bundle.cohort
    file, size = f"synthetic.csv ({cohort.sha256[:8]})", f"{cohort.n_infusions} infusions"
    assert plain == f"{file}, {size}, SYNTHETIC, {training.period.moment}"
    assert training_name(other).startswith("seed 7, anchored + ridge, severe_icans + relapse, ")
    assert training_name(other).endswith(f"5 replicates, {plain}")
    later = replace(training, period=replace(training.period, started=training.period.started + 1000))
    assert training_name(later) != training_name(training)


def test_children_of_different_trainings_have_different_names(training: Training) -> None:
    """Outcome and model come first, the name of the training after them."""
    other = replace(training, config=replace(training.config, seed=7))
    names = [{record.name for record in child_records(each)} for each in (training, other)]
    assert not names[0] & names[1]
    assert f"relapse / ridge - {training_name(other)}" in names[1]


def test_every_column_of_the_view_has_a_value_in_a_training(training: Training) -> None:
    """That of the chosen model, which its own run has in the same column; so do the baselines."""
    parent, records = parent_record(training), children(training)
    for outcome, fitted in training.outcomes.items():
        chosen = records[f"{outcome} / {fitted.chosen}"]
        for measure in IN_RUN_LIST:
            column = f"{outcome}/{measure}"
            assert parent.metrics[column] == chosen.metrics[column] == chosen.metrics[measure]
            assert column in records[f"{outcome} / easix"].metrics
    assert set(FACTS) <= set(parent.parameters)
    assert all(set(FACTS) <= set(record.parameters) for record in records.values())


def test_a_league_file_ranks_models_and_baselines(training: Training) -> None:
    """By outcome and log loss, each with its interval and its paired gain; in the run, not in the version."""
    record = parent_record(training)
    table = record.grids[LEAGUE_FILE]
    for outcome, fitted in training.outcomes.items():
        rows = [row for row, name in enumerate(table["outcome"]) if name == outcome]
        assert {table["model"][row] for row in rows} == {*fitted.models, *fitted.baselines}
        losses = [float(str(table["log_loss"][row])) for row in rows]
        assert losses == sorted(losses)
        assert [table["rank"][row] for row in rows] == list(range(1, len(rows) + 1))
        assert [table["model"][row] for row in rows if table["in_bundle"][row] == "yes"] == [fitted.chosen]
        ridge = next(row for row in rows if table["model"][row] == "ridge")
        gain = fitted.models["ridge"].gain
        shown = [table[f"log_loss_gain_over_prevalence{end}"][ridge] for end in ("", "_low", "_high")]
        assert shown == [gain.value, gain.low, gain.high]
        assert f"| {fitted.chosen} * |" in record.note
    assert record.note not in record.description


def test_runs_have_the_times_of_the_fit(training: Training) -> None:
    """Each child within its training, models one after the other."""
    parent = parent_record(training).period
    assert parent is not None
    periods = {name: record.period for name, record in children(training).items()}
    for period in periods.values():
        assert period is not None
        assert parent.started <= period.started <= period.ended <= parent.ended + 1
    assert periods["relapse / anchored"].started < periods["relapse / ridge"].started  # type: ignore[union-attr]
    assert periods["relapse / anchored"].ended > periods["relapse / anchored"].started  # type: ignore[union-attr]


def test_an_interval_is_not_broken_between_lines(training: Training) -> None:
    """In a narrow table its halves would be read with those of the next column."""
    summary = training.outcomes["relapse"].models["anchored"].summary
    auroc = measured(summary.metrics[365]["auroc"])
    said = parent_record(with_chosen(training, "relapse", "anchored")).description
    assert " to " in auroc
    assert auroc not in said
    assert auroc.replace(" to ", f"{NO_BREAK}to{NO_BREAK}") in said


def test_weight_of_evidence_is_stated_of_every_run(training: Training) -> None:
    """In the parent's table, and of each model and baseline as a number that runs are compared by."""
    model = training.outcomes["relapse"].models["anchored"].model
    chosen = with_chosen(training, "relapse", "anchored")
    assert f" | {model.evidence_weight:.0%}{GAP} | " in parent_record(chosen).description
    weights = {name: record.parameters["evidence_weight"] for name, record in children(training).items()}
    assert weights["relapse / anchored"] == f"{model.evidence_weight:g}"
    names = ("ridge", "prevalence", "easix", "published")
    rng, why = np.random.default_rng(1), Reason("x", "nobody was there")
    found = of_evidence(training.evidence, LIGHT, rng, why)
    published = float(f"{found.fitted.model.evidence_weight:g}")
    assert published > 0.3
    assert [float(weights[f"relapse / {name}"]) for name in names] == [0, 0, 0, published]


def test_few_patients_are_recorded_as_what_they_are() -> None:
    """Days that only the published course tells are not passed off as checked; no baseline is fitted."""
    config = replace(LIGHT, outcomes=("relapse",), models=("anchored",))
    few = train(canary_cohort(24, np.random.default_rng(5)), config)
    record = next(record for record in child_records(few) if record.tags["chosen"] == "yes")
    assert short_name(record.name) == "relapse / anchored"
    dropped = few.bundle.summaries["relapse"].dropped_horizons
    assert dropped
    stated = f"not validated: {', '.join(str(days) for days in dropped)} |"
    assert stated in told(parent_record(few))


def test_a_handful_of_patients_has_no_baselines() -> None:
    """Nothing is validated, and what could not be fitted is named."""
    config = replace(LIGHT, outcomes=("severe_crs",))
    (record,) = child_records(train(canary_cohort(6, np.random.default_rng(5)), config))
    sensitivity = ("share_incomplete", "median_difference", "difference_percentile_95")
    assert set(record.metrics) == {
        "instability_width",
        *(f"imputation/{name}" for name in sensitivity),
    }
    assert {"not_fitted.ridge", "not_fitted.xgboost", "not_fitted.easix"} <= set(record.tags)


def test_forest_plot_goes_from_studies_to_the_fit(training: Training) -> None:
    """The fitted coefficients stand where the model has them; the title says whose they are."""
    records = children(training)
    assert "forest.svg" not in records["relapse / ridge"].figures
    figure = drawn(records["relapse / anchored"], "forest.svg")
    axes = figure.axes[0]
    assert "SYNTHETIC cohort synthetic.csv\npublished effects, prior and fit" in axes.get_title()
    linear = training.outcomes["relapse"].models["anchored"].model.linear
    assert linear is not None
    fitted = [line for line in axes.get_lines() if line.get_label() == "fitted coefficient"]
    told = linear.prior_mean != 0
    shown = [float(np.asarray(line.get_xdata())[0]) for line in fitted]
    assert set(linear.coefficients[told]) <= set(shown)


def test_without_any_study_nothing_is_drawn_or_listed(training: Training) -> None:
    """Without the literature there is no effect and no rate to show."""
    config = replace(training.config, outcomes=("severe_icans",), validate=False, models=("anchored",))
    alone = train(training.cohort, replace(config, evidence=EvidenceChoice(literature=False)))
    record = children(alone)["severe_icans / anchored"]
    assert record.figures["forest.svg"]() is None
    assert not any(path.startswith("evidence/") for path in record.tables)


def test_models_without_replicates_have_every_other_figure(training: Training) -> None:
    """Only the chosen model has replicates."""
    for name, model in training.outcomes["relapse"].models.items():
        record = children(training)[f"relapse / {name}"]
        assert ("instability.svg" in record.figures) == (model.model.replicates is not None)
        assert {"calibration.svg", "roc.svg", "contributions.svg"} <= set(record.figures)
        assert all(draw() is not None for draw in record.figures.values())


def test_instability_plot_is_of_the_headline_risk(training: Training) -> None:
    """Its title says which day and whose patients."""
    fitted = training.outcomes["relapse"]
    figure = drawn(children(training)[f"relapse / {fitted.chosen}"], "instability.svg")
    assert "by day 365" in figure.axes[0].get_title()
    assert "SYNTHETIC cohort synthetic.csv" in figure.axes[0].get_title()


def test_priors_are_listed_term_by_term(training: Training) -> None:
    """With the odds ratio, its interval, and every source."""
    record = children(training)["relapse / anchored"]
    table = record.tables["evidence/relapse_priors.csv"]
    rows = {row["term"]: row for row in csv.DictReader(io.StringIO(table))}
    burden = rows["disease_burden"]
    assert tuple(burden) == HEADINGS
    assert float(burden["odds_ratio_low"]) < float(burden["odds_ratio"]) < float(burden["odds_ratio_high"])
    assert float(burden["odds_ratio"]) == pytest.approx(np.exp(float(burden["prior_mean"])), rel=1e-3)
    assert (burden["basis"], len(burden["sources"].split(" | "))) == ("estimate", 2)


def test_gain_over_the_champion_is_recorded_with_the_chosen_model(training: Training) -> None:
    """It is in the provenance of the bundle, since the champion must not change the digest."""
    stated = {f"{CHAMPION_GAIN}.relapse": json.dumps([0.02, -0.01, 0.05])}
    compared = with_chosen(training, "relapse", "anchored")
    compared = replace(compared, bundle=replace(compared.bundle, provenance=stated))
    records = children(compared)
    metrics = records["relapse / anchored"].metrics
    named = ("gain/champion", "interval/gain/champion_low", "interval/gain/champion_high")
    assert [metrics[name] for name in named] == [0.02, -0.01, 0.05]
    assert named[0] not in records["relapse / ridge"].metrics
    parent = parent_record(compared)
    assert parent.metrics["gain/relapse/champion"] == 0.02
    assert json.loads(parent.tags[INTERVALS])["relapse"]["gain/champion"] == [-0.01, 0.05]


def test_the_run_of_a_training_has_few_metrics(training: Training) -> None:
    """Eleven of each outcome, with the gain over a champion; the runs of the models have all."""
    parent = parent_record(training)
    of_outcome = {name: [each for each in parent.metrics if name in each] for name in training.outcomes}
    assert {name: len(each) for name, each in of_outcome.items()} == dict.fromkeys(training.outcomes, 10)
    intervals = json.loads(parent.tags[INTERVALS])
    for name, fitted in training.outcomes.items():
        metrics = children(training)[f"{name} / {fitted.chosen}"].metrics
        ends = [metrics["interval/auroc_low"], metrics["interval/auroc_high"]]
        assert intervals[name]["auroc"] == pytest.approx(ends, rel=1e-12)
        assert parent.metrics[f"{name}/auroc"] == metrics["auroc"]
        assert parent.metrics[f"optimism/{name}/auroc"] == metrics["optimism/auroc"]


def test_outcome_without_a_local_patient_stands_beside_the_others(mixed: Training) -> None:
    """Its model is recorded and chosen; the cohort had no part in it."""
    records = children(mixed)
    record = records["relapse / published"]
    assert (record.tags["kind"], record.tags["chosen"]) == ("model", "yes")
    assert record.tags["status"] == "published evidence only"
    assert record.tags["n_infusions"] == "0"
    assert (record.metrics, record.local) == ({}, False)
    assert records["severe_icans / ridge"].local
    assert "the cohort has too little data on it: no follow-up" in record.description
    parent = parent_record(mixed)
    assert (parent.tags["chosen.relapse"], parent.tags["status.relapse"]) == (
        "published",
        "published evidence only",
    )
    assert parent.parameters["outcomes"] == "severe_icans, relapse"
    weight = f"{mixed.published['relapse'].fitted.model.evidence_weight:.0%}"
    row = "| no response, relapse or progression | published | 365, 90, 180, 730 | - "
    assert f"{row}| {weight} | - | - | - | published evidence only |" in told(parent)
    assert "Out-of-fold metrics at" in parent.description


def test_forest_plot_of_published_evidence_shows_no_fit(mixed: Training) -> None:
    """Nobody was there to fit anything to."""
    figure = published_figures(mixed.published["relapse"].prior)["forest.svg"]()
    assert figure is not None
    assert not [line for line in figure.axes[0].get_lines() if line.get_label() == "fitted coefficient"]
