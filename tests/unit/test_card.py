"""The model card and the start page say what the model is."""

from __future__ import annotations

import dataclasses

from serving.bundle import Bundle
from serving.card import SYNTHETIC, model_card
from serving.requests import request_problems
from serving.start_page import EXAMPLE, start_page
from tests.bundles import make_bundle

ADDRESS = "http://127.0.0.1:3000/risk"


def test_the_card_says_what_the_bundle_says(bundle: Bundle) -> None:
    """Sizes, outcomes and what is left out."""
    card = model_card(bundle)
    assert (card.cohort.n_infusions, card.cohort.n_patients) == (150, 140)
    assert [outcome.name for outcome in card.outcomes] == ["severe_crs", "relapse"]
    assert card.left_out == {"severe_icans": "the cohort has no column icans_grade"}
    crs = card.outcomes[0]
    assert (crs.method, crs.n_events, crs.status) == ("anchored", 40, "not validated locally")
    assert crs.metrics[30]["auroc"].model_dump() == {"value": 0.71, "low": 0.6, "high": 0.8}
    assert crs.metrics[30]["slope"].value is None


def test_synthetic_is_said_loudly(bundle: Bundle) -> None:
    """In capitals on the card and on the page; of a real cohort nothing of the kind."""
    assert model_card(bundle).notice == SYNTHETIC
    assert SYNTHETIC in start_page(model_card(bundle), address=ADDRESS)
    real = model_card(make_bundle(synthetic=False))
    assert real.notice == ""
    assert "SYNTHETIC" not in start_page(real, address=ADDRESS)


def test_the_page_escapes_every_text(bundle: Bundle) -> None:
    """Names of files, versions and addresses come from outside."""
    evil = "<script>alert(1)</script>\"'"
    cohort = dataclasses.replace(bundle.cohort, name=evil)
    summaries = {
        name: dataclasses.replace(summary, status=evil) for name, summary in bundle.summaries.items()
    }
    changed = dataclasses.replace(bundle, cohort=cohort, summaries=summaries, provenance={"version": evil})
    page = start_page(model_card(changed), address=evil)
    assert "<script" not in page
    assert evil not in page


def test_the_example_is_a_request() -> None:
    """Whoever copies it gets an answer."""
    assert request_problems(EXAMPLE) == []


def test_the_page_loads_nothing(bundle: Bundle) -> None:
    """No script, image, font or style from anywhere."""
    page = start_page(model_card(bundle), address="/risk")
    assert not any(word in page for word in ("<script", "src=", "<link", "@import", "url(", "http"))
