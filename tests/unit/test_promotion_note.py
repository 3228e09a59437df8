"""The note that says why a version is champion."""

import json
from dataclasses import replace

from tests.bundles import make_bundle
from training.promotion_note import HEADING, described, promotion_note


def test_note_tells_gate_status_and_report():
    """Without a former champion there is nothing to compare."""
    bundle = make_bundle(version="4")
    note = promotion_note(bundle, None, reasons=[], remarks=[], forced=None)
    assert note.splitlines() == [
        HEADING,
        "",
        "The gate had no reason against it.",
        "",
        "- severe CRS (grade 3 or higher): not validated locally",
        "- no response, relapse or progression: not validated locally",
        "",
        "Its full report is `report/report.html` among the artifacts of its run, `report/report.json` for "
        "programs; written anew by `cart-outcomes report 4`.",
    ]


def test_note_compares_with_the_former_champion():
    """The paired gain that training recorded; an outcome without one says so."""
    facts = {"version": "4", "log_loss_gain_over_champion.relapse": json.dumps([0.02, 0.01, 0.03])}
    bundle = replace(make_bundle(), provenance=facts)
    note = promotion_note(bundle, make_bundle(version="3"), reasons=[], remarks=["slow"], forced=None)
    assert "over the former champion, version 3," in note
    assert "- no response, relapse or progression: 0.020 (0.010 to 0.030)" in note
    assert "- severe CRS (grade 3 or higher): not measured in the same folds" in note
    assert "- Note: slow" in note


def test_forced_release_names_every_reason():
    """And who forced it, why."""
    note = promotion_note(make_bundle(), None, reasons=["first", "second"], remarks=[], forced="for a trial")
    assert "**Forced**: for a trial. The gate said:\n- first\n- second" in note


def test_later_note_takes_the_place_of_the_earlier():
    """The description that training wrote stays."""
    once = described("Cohort c.csv.", f"{HEADING}\n\nfirst")
    assert described(once, f"{HEADING}\n\nsecond") == f"Cohort c.csv.\n\n{HEADING}\n\nsecond"
    assert described("", f"{HEADING}\n\nfirst") == f"{HEADING}\n\nfirst"
