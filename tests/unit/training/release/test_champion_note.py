"""The note that says why a version is champion."""

import json
from dataclasses import replace

from tests.bundles import make_bundle
from training.release.champion_note import HEADING, described, promotion_note

ARTIFACTS, SHOWN = "#/experiments/1/runs/a1/artifacts", "?workflowType=machine_learning"


def note_of(bundle, champion=None, *, reasons=(), remarks=(), forced=None):
    """Write the note of a version whose run is ``a1``."""
    return promotion_note(
        bundle, champion, reasons=reasons, remarks=remarks, forced=forced, artifacts=ARTIFACTS
    )


def test_note_tells_gate_status_and_report():
    """Without a former champion there is nothing to compare."""
    bundle = make_bundle(version="4")
    note = note_of(bundle)
    assert note.splitlines() == [
        HEADING,
        "",
        "All checks of `promote` passed.",
        "",
        "- severe CRS (grade 3 or higher): not validated locally",
        "- no response, relapse or progression: not validated locally",
        "",
        f"Full report: [page](#/experiments/1/runs/a1/artifacts/report/report.html{SHOWN}), "
        f"[JSON](#/experiments/1/runs/a1/artifacts/report/report.json{SHOWN}). "
        "Write it again with `cart-outcomes report 4`.",
    ]


def test_note_compares_with_the_former_champion():
    """The paired gain that training recorded; an outcome without one says so."""
    facts = {"version": "4", "log_loss_gain_over_champion.relapse": json.dumps([0.02, 0.01, 0.03])}
    bundle = replace(make_bundle(), provenance=facts)
    note = note_of(bundle, make_bundle(version="3"), remarks=["slow", "late"])
    assert "over the former champion, version 3," in note
    assert "- no response, relapse or progression: 0.020 (0.010 to 0.030)" in note
    assert "- severe CRS (grade 3 or higher): not measured in the same folds" in note
    assert "\n\nNote: slow.\n\nNote: late.\n\n" in note


def test_note_says_once_that_no_gain_was_measured():
    """Not an outcome at a time."""
    other = make_bundle(version="3")
    elsewhere = replace(other, cohort=replace(other.cohort, sha256="56" * 32))
    note = note_of(make_bundle(), elsewhere)
    assert "No paired gain over the former champion, version 3, was measured" in note
    assert "not measured in the same folds" not in note


def test_note_on_the_same_cohort_names_the_command_that_pairs():
    """Its recorded losses are of the same patients, but not paired."""
    note = note_of(make_bundle(version="4"), make_bundle(version="3"))
    assert "Trained on the same cohort as the former champion, version 3" in note
    assert "`cart-outcomes compare 3 4 --cohort FILE`" in note


def test_forced_release_names_every_reason():
    """And who forced it, why."""
    note = note_of(make_bundle(), reasons=["first", "second"], forced="for a trial")
    assert "**Forced**: for a trial. Failed checks:\n- first\n- second" in note


def readable(description: str) -> list[str]:
    """Give the paragraphs that a person sees in MLflow."""
    return [line for line in description.splitlines() if line and not line.startswith("<!--")]


def test_later_note_takes_the_place_of_the_earlier() -> None:
    """The description that training wrote stays."""
    once = described("Cohort c.csv.", f"{HEADING}\n\nfirst")
    assert readable(once) == ["Cohort c.csv.", HEADING, "first"]
    assert readable(described(once, f"{HEADING}\n\nsecond")) == ["Cohort c.csv.", HEADING, "second"]
    assert readable(described("", "a note")) == ["a note"]


def test_words_of_a_person_are_kept_before_and_after_a_note() -> None:
    """However often the version is promoted."""
    once = described("Cohort c.csv.\n\nSeen by the board.", f"{HEADING}\n\nfirst")
    found = f"Read this first.\n\n{once}\n\nDiscussed on Monday.\n\n## Decision\n\nkeep"
    for words in ("second", "third"):
        found = described(found, f"{HEADING}\n\n{words}")
    assert readable(found) == [
        "Read this first.",
        "Cohort c.csv.",
        "Seen by the board.",
        HEADING,
        "third",
        "Discussed on Monday.",
        "## Decision",
        "keep",
    ]


def test_a_note_that_a_person_edited_is_kept_beside_the_new_one() -> None:
    """It is no longer the program's own."""
    once = described("Cohort c.csv.", f"{HEADING}\n\nfirst")
    edited = once.replace("first", "first, and the board agreed")
    found = described(edited, f"{HEADING}\n\nsecond")
    expected = ["Cohort c.csv.", HEADING, "first, and the board agreed", HEADING, "second"]
    assert readable(found) == expected
    assert readable(described(found, f"{HEADING}\n\nthird")) == [*expected[:-1], "third"]


def test_a_note_of_an_earlier_release_of_the_software_is_kept() -> None:
    """It has no end, so what a person wrote below it could not be told from it."""
    found = described(f"Cohort c.csv.\n\n{HEADING}\n\nold\n\nDiscussed.", f"{HEADING}\n\nnew")
    assert readable(found) == ["Cohort c.csv.", HEADING, "old", "Discussed.", HEADING, "new"]


def test_a_deleted_run_has_no_link_to_a_report() -> None:
    """The note names the command that writes it."""
    note = promotion_note(make_bundle(), None, reasons=(), remarks=(), forced=None, artifacts="")
    assert note.endswith("The run was deleted. Write the full report with `cart-outcomes report 7`.")
