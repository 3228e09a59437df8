"""The model card says what the model is."""

from __future__ import annotations

import dataclasses

from features.outcomes import OUTCOMES
from serving.answers.card import NO_COHORT_NOTICE, SYNTHETIC, model_card
from serving.model.bundle import Bundle
from serving.model.measured import Measured
from tests.bundles import full_summary, make_bundle, make_published_bundle
from tests.composed_bundle import make_composed_bundle


def test_the_card_says_what_the_bundle_says(bundle: Bundle) -> None:
    """Sizes, outcomes and what is left out."""
    card = model_card(bundle)
    assert (card.cohort.n_infusions, card.cohort.n_patients) == (150, 140)
    assert [outcome.name for outcome in card.outcomes] == ["severe_crs", "relapse"]
    assert card.left_out == {"severe_icans": "the cohort has no column icans_grade"}
    crs = card.outcomes[0]
    assert (crs.method, crs.n_events, crs.status) == ("anchored", 40, "not validated locally")
    assert crs.metrics[30]["auroc"] == Measured(0.71, 0.6, 0.8)
    assert crs.metrics[30]["calibration_slope"].value is None


def test_the_card_shows_all_that_was_measured(bundle: Bundle) -> None:
    """Paired gains, centres, sample size, instability, and the words about the evidence."""
    measured = dataclasses.replace(bundle, summaries={**bundle.summaries, "severe_crs": full_summary()})
    crs, relapse = model_card(measured).model_dump(mode="json")["outcomes"]
    assert crs["paired"] == {
        "prevalence": {"value": 0.031, "low": 0.004, "high": 0.06},
        "easix": {"value": None, "low": None, "high": None},
    }
    assert crs["by_center"] == {
        "1": {
            "n_infusions": 52,
            "n_events": 11,
            "metrics": {"auroc": {"value": 0.68, "low": 0.5, "high": 0.83}},
        }
    }
    assert crs["by_subgroup"]["sex"]["female"] == {
        "n_infusions": 60,
        "n_events": 15,
        "metrics": {"auroc": {"value": 0.625, "low": 0.5, "high": 0.75}},
        "title": "female",
    }
    assert crs["horizon_counts"]["30"] == {"events": 40, "competing": 0, "free": 108, "censored": 2}
    assert crs["sample_size"] == {
        "n_needed": 412,
        "events_needed": 82.4,
        "n": 150,
        "events": 40,
        "parameters": 6,
        "verdict": "too small for 6 parameters",
    }
    assert crs["instability"] == {"value": 0.16, "low": 0.11, "high": 0.22}
    assert crs["imputation_sensitivity"] == {
        "n_imputations": 20,
        "share_incomplete": 0.87,
        "median_difference": 0.0051,
        "difference_percentile_95": 0.0122,
    }
    assert crs["evidence_note"] == "the local data contradict the published effects taken together"
    assert [relapse[name] for name in ("paired", "by_center", "by_subgroup", "horizon_counts")] == [{}] * 4
    assert [relapse[name] for name in ("sample_size", "instability", "evidence_note")] == [None, None, ""]
    assert relapse["imputation_sensitivity"] is None


def test_the_card_has_a_verdict_on_every_outcome(bundle: Bundle) -> None:
    """As codes, beside whether the outcome is a main one."""
    crs, relapse = model_card(bundle).model_dump(mode="json")["outcomes"]
    assert crs["main"]
    assert relapse["main"]
    assert crs["assessment"] == {
        "verdict": "no_discrimination",
        "grounds": ["no_gain", "too_few_events"],
        "horizon_days": 30,
        "n_events": None,
        "weakest_centers": {"auroc": None, "observed_expected": None},
    }


def test_without_a_cohort_the_card_says_so() -> None:
    """In capitals, and nowhere as infusions of nobody."""
    card = model_card(make_published_bundle())
    assert not card.cohort.trained
    assert not card.synthetic
    assert card.notice == NO_COHORT_NOTICE
    assert card.outcomes[0].status == "published evidence only"
    assert (card.cohort.ranges, card.cohort.options, card.cohort.missing) == ({}, {}, {})


def test_synthetic_is_said_loudly(bundle: Bundle) -> None:
    """In capitals; of a real cohort nothing of the kind."""
    assert model_card(bundle).notice == SYNTHETIC
    assert model_card(make_bundle(synthetic=False)).notice == ""


def test_a_model_without_terms_cites_no_source(bundle: Bundle) -> None:
    """Trees follow no publication; sources of the other outcome stay."""
    trees = dataclasses.replace(bundle.models["relapse"], linear=None, replicates=None)
    card = model_card(dataclasses.replace(bundle, models={**bundle.models, "relapse": trees}))
    assert [list(source.terms) for source in card.sources] == [["severe_crs"]]
    assert [list(source.terms) for source in model_card(bundle).sources] == [["severe_crs", "relapse"]]


def test_the_card_says_in_whom_an_outcome_can_come() -> None:
    """As the outcomes themselves say it; null where everybody can have it."""
    outcomes = model_card(make_composed_bundle()).model_dump(mode="json")["outcomes"]
    given = {name: outcome.given for name, outcome in OUTCOMES.items()}
    assert {outcome["name"]: outcome["given"] for outcome in outcomes} == {
        name: dataclasses.asdict(each) if each else None for name, each in given.items()
    }
