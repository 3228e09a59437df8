"""What a report says: items answered, trees listed, examples that add up, pictures that hold."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from features.measures import MEASURES
from features.predictors import predictors
from serving.model.bundle import Bundle
from serving.model.imputation_sensitivity import ImputationSensitivity
from serving.model.risk_model import RiskModel
from serving.model.trees import TreePart
from serving.model.validation_curves import Calibration, DecisionCurve
from serving.model.validation_summary import ModelUpdate
from tests.bundles import full_summary, make_bundle, make_published_bundle, patients
from training.evidence.evidence_set import read_evidence
from training.learners.learner import BASELINES, learners
from training.pages.report import worked_example as worked
from training.pages.report.abstract import abstract
from training.pages.report.contents import as_json, report_of
from training.pages.report.facts import Facts
from training.pages.report.imputation_words import sensitivity_words
from training.pages.report.methods import WORDS
from training.pages.report.page import report_page
from training.pages.report.plots import calibration_plot, decision_plot
from training.pages.report.sections_front import SECTIONS
from training.pages.report.specification import specification
from training.pages.report.tree_listing import leaf_of_unknown, split_columns, tree_listing
from training.pages.report.tripod import ChecklistRow, checklist
from training.pages.report.tripod_items import ITEMS
from training.pages.report.tripod_methods import METHODS
from training.pages.report.tripod_results import RESULTS
from training.pages.report.words import BASELINES as BASELINE_WORDS
from training.pages.report.worked_example import example_patient, worked_example
from training.statistics.metrics import METRICS

KINDS = {
    "trained": make_bundle,
    "published": make_published_bundle,
}


def answered(bundle: Bundle) -> dict[str, ChecklistRow]:
    return {row.number: row for row in checklist(Facts(bundle))}


def measured_fully() -> Bundle:
    made = make_bundle()
    return replace(made, summaries={**made.summaries, "severe_crs": full_summary()})


def updated() -> Bundle:
    made = make_bundle()
    update = ModelUpdate(
        "recalibration", 0.25, 0.8, {}, ("slope: p = 0.01",), "sha256:12", "other.csv", "cd" * 32
    )
    return replace(
        made, summaries={**made.summaries, "relapse": replace(made.summaries["relapse"], update=update)}
    )


def test_the_checklist_is_that_of_the_statement() -> None:
    """27 items, 52 with their parts, each answered by one writer."""
    numbers = [item.number for item in ITEMS]
    assert len(numbers) == len(set(numbers)) == 52
    assert sorted({int(re.match(r"\d+", number)[0]) for number in numbers}) == list(range(1, 28))
    assert not set(METHODS) & set(RESULTS)
    assert set(METHODS) | set(RESULTS) == set(numbers)


@pytest.mark.parametrize("made", [make_bundle, make_published_bundle, measured_fully, updated])
def test_every_item_says_something_and_leads_somewhere(made) -> None:
    """In words, or to the author; sections that are named are on the page."""
    for row in checklist(Facts(made())):
        assert row.said or row.author
        assert row.see in {"", *SECTIONS}
        assert row.state == "does not apply" or (row.state == "filled in") == (not row.author)


def test_what_was_not_done_does_not_apply() -> None:
    """Nothing is claimed of a model that nobody was observed for."""
    rows = answered(make_published_bundle())
    assert {number for number in rows if rows[number].state == "does not apply"} == {
        *("7", "12a", "12e", "12f", "12g", "16", "20a", "20c", "21", "23b", "24"),
    }
    assert rows["4"].said == "Derivation from published evidence, not evaluated in patients."


def test_an_update_is_reported() -> None:
    """Its kind and numbers, on whom, and that the two cohorts differ."""
    rows = answered(updated())
    assert rows["4"].said == "Updating and internal validation."
    assert rows["24"].said == (
        "no response, relapse or progression: recalibration, shift 0.250, slope 0.800."
    )
    assert "Updated on another cohort, other.csv" in rows["5a"].said
    page = report_page(report_of(updated()))
    assert "Updated (recalibration) on other.csv: slope: p = 0.01." in page
    assert "<span>updated on other.csv</span>" in page


def test_methods_and_measures_have_names() -> None:
    """Every learner that can be in a bundle, every measure and baseline."""
    known = learners(read_evidence())
    assert {"anchored", "ridge", "xgboost", "published"} <= set(WORDS) & set(known)
    assert set(METRICS) <= set(MEASURES)
    assert set(BASELINES) <= set(BASELINE_WORDS)


def test_multiple_imputation_is_reported_where_it_was_done() -> None:
    """With performance and in item 11; nothing of other models."""
    said = answered(measured_fully())["11"].said
    assert said.endswith(
        "Absolute difference in headline risk, percentage points, median (95th percentile): "
        "severe CRS (grade 3 or higher): 0.5 (1.2)."
    )
    page = unescape(report_page(report_of(measured_fully())))
    words = (
        "Multiple imputation as a sensitivity analysis: 87 % of infusions lack an input of the linear part. "
        "With the linear part fitted to 20 imputations instead of expected values, the headline risk differs "
        "by 0.5 percentage points (median; 95th percentile 1.2)."
    )
    assert page.count(words) == 1
    assert "ultiple imputation" not in report_page(report_of(make_bundle()))


@pytest.mark.parametrize(
    ("sensitivity", "words"),
    [
        (None, ""),
        (ImputationSensitivity(0, 0.0, 0.0, 0.0), "no input is missing, so the risks are the same."),
        (ImputationSensitivity(20, 0.0, 0.0, 0.0), "less than 1 % of infusions lack an input of"),
    ],
)
def test_nothing_missing_is_told_from_little_missing(sensitivity, words) -> None:
    """Shares are rounded to two decimals."""
    found = sensitivity_words(sensitivity)
    assert words in found
    assert bool(words) == bool(found)


def test_an_outcome_without_missing_inputs_is_listed_too() -> None:
    """In item 11, beside the others."""
    summary = replace(full_summary(), imputation_sensitivity=ImputationSensitivity(0, 0.0, 0.0, 0.0))
    made = make_bundle()
    said = answered(replace(made, summaries={**made.summaries, "severe_crs": summary}))["11"].said
    assert said.endswith("severe CRS (grade 3 or higher): no input is missing, so the risks are the same.")


def test_abstract_states_figures_that_exist() -> None:
    """No dash where a measure could not be computed."""
    results = next(passage for passage in abstract(Facts(make_bundle())) if passage.heading == "Results")
    assert results.said[0] == (
        "Severe CRS (grade 3 or higher): 40 distinct events by day 30 in 150 infusions; by day 30 AUROC "
        "0.710 (0.600 to 0.800)."
    )


def test_trees_listed_give_the_contributions_of_the_booster() -> None:
    """Leaves less the constant are what TreeSHAP adds up to, for all whom one walks down by hand."""
    part = make_bundle().models["relapse"].trees
    listing = tree_listing(part, "relapse")
    assert len(listing.trees) == part.booster.num_boosted_rounds()
    unknown = sum(map(leaf_of_unknown, listing.trees)) - listing.constant
    assert unknown == pytest.approx(part.contributions(predictors([{}])).sum(), abs=1e-12)
    splits = [node.column for nodes in listing.trees for node in nodes if node.leaf is None]
    assert set(listing.columns) == set(splits)


def test_constant_is_the_mean_of_the_leaves() -> None:
    """Whoever it is taken of: the mean margin of the training cohort."""
    part = make_bundle().models["relapse"].trees
    assert tree_listing(part, "relapse").constant == pytest.approx(part.mean_margin, abs=1e-6)


def test_composites_count_for_their_inputs() -> None:
    """A split on EASIX is one on each of its three values."""
    part = make_bundle().models["relapse"].trees
    listing, counts = tree_listing(part, "relapse"), split_columns(part)
    splits = [node.column for nodes in listing.trees for node in nodes if node.leaf is None]
    assert sum(counts.values()) == len(splits) + 2 * splits.count("log2_easix")


def test_example_is_a_patient_of_whom_something_is_missing(bundle: Bundle) -> None:
    """So that the rule for missing inputs is shown."""
    patient = example_patient(bundle)
    example = worked_example(bundle.models["severe_crs"], patient)
    assert patient in [{k: v for k, v in row.items() if v is not None} for row in bundle.golden]
    assert any(step.value is None for step in example.terms)


def test_example_that_does_not_add_up_is_refused(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report never shows a sum that is not the model's."""
    monkeypatch.setattr(worked.math, "fsum", lambda _: 1.0)
    with pytest.raises(ArithmeticError, match=r"^by day 30 the steps give "):
        worked_example(bundle.models["severe_crs"], example_patient(bundle))


def test_model_of_trees_alone_is_laid_open(bundle: Bundle) -> None:
    """Without a linear part there are no terms."""
    made = bundle.models["relapse"]
    alone = RiskModel("relapse", "xgboost", made.horizons_days, made.reference, trees=made.trees)
    laid = specification(alone)
    assert (laid.terms, laid.replicates) == ((), 0)
    assert [each.horizon_days for each in laid.intercepts] == [90, 180, 365, 730]
    row = patients(1, np.random.default_rng(1))[0]
    assert worked_example(alone, row).risks[0].low is None


def test_trees_that_never_split_are_listed() -> None:
    """A single leaf a tree, and nothing to look at."""
    import xgboost

    from serving.model.trees import tree_matrix

    matrix = xgboost.DMatrix(tree_matrix(predictors(patients(9, np.random.default_rng(1)))), label=np.ones(9))
    settings = {"base_score": 0.5, "objective": "binary:logistic", "max_depth": 2, "min_child_weight": 99}
    booster = xgboost.train(settings, matrix, num_boost_round=2)
    part = TreePart(bytes(booster.save_raw("ubj")), np.zeros(tree_matrix(predictors([{}])).shape[1]))
    listing = tree_listing(part, "relapse")
    assert [len(nodes) for nodes in listing.trees] == [1, 1]
    assert listing.columns == {}


def test_json_is_json(bundle: Bundle) -> None:
    """Without the NaN and Infinity that Python would write."""
    text = as_json(report_of(bundle))
    assert not re.search(r"\b(NaN|Infinity)\b", text)


@pytest.mark.parametrize("kind", KINDS)
def test_page_of_every_kind_of_bundle(kind: str) -> None:
    """Closed tags are looked at elsewhere; here, that every section is there once."""
    page = report_page(report_of(KINDS[kind]()))
    for name in SECTIONS:
        assert page.count(f'<h2 id="{name}">') == 1


def test_curves_are_broken_where_they_are_not_known() -> None:
    """No line is drawn over a gap, and nothing is drawn beyond the axes."""
    found = Calibration(
        risk=[0.1, 0.2, 0.3, 0.4],
        observed=[0.1, None, 0.3, 0.35],
        low=[None, None, 0.2, 0.2],
        high=[None, None, 0.4, 0.5],
        group_risk=[0.2],
        group_observed=[0.25],
        group_n=[12],
        histogram=[0] * 20,
    )
    drawn = calibration_plot(found, title="a & b")
    assert drawn.count('class="line"') == 2
    assert 'aria-label="a &amp; b"' in drawn
    curve = DecisionCurve(threshold=[0.1, 0.5], model=[0.1, 0.0], treat_all=[0.1, -3.0])
    assert "-3" not in decision_plot(curve, title="t")


def test_nothing_measured_draws_nothing() -> None:
    """A curve without any value is an empty pair of axes."""
    curve = DecisionCurve(threshold=[0.1, 0.5], model=[None, None], treat_all=[None, None])
    assert 'class="line"' not in decision_plot(curve, title="t")
