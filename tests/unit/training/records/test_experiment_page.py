"""The page of an experiment: champion, changes and league tables."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from features.measures import GAIN
from features.outcomes import OUTCOMES
from serving.model.measured import Measured
from training.records.experiment_entry import Entry
from training.records.experiment_page import LONGEST_PAGE, MARKS, RUNS, Promoted, described
from training.records.experiment_tables import at_a_glance, ranked
from training.records.markdown_table import GAP, NO_BREAK
from training.records.marked_part import surroundings
from training.records.parent_intervals import intervals_tag
from training.records.run_differences import Facts

FIRST = json.loads((Path(__file__).parents[3] / "first_version" / "runs.json").read_text())
CHAMPION = Promoted("2", "2026-11-29T16:41:18+00:00", by="ada", former="1", page="#/version/2")


def entry(version: int, *, gain: float = 0.01, cohort: str = "march.csv", **metrics: float) -> Entry:
    """Make a training with every outcome."""
    tags = {f"chosen.{name}": "ridge" for name in OUTCOMES} | {f"status.{name}": "x" for name in OUTCOMES}
    facts = Facts(
        {"seed": str(version), "folds": "5"},
        {**tags, "cohort": cohort, "cohort_sha256": "af5fe447ffd3", "n_infusions": "90", "n_patients": "80"},
    )
    figures = {f"{name}/{GAIN}": gain for name in OUTCOMES}
    figures |= {f"{name}/auroc": 0.7 for name in OUTCOMES} | {
        f"apparent/{name}/auroc": 0.8 for name in OUTCOMES
    }
    return Entry(
        f"run{version}",
        f"2026-01-01T00:{version % 60:02}:00+00:00",
        f"#/run/{version}",
        facts,
        {
            **figures,
            **metrics,
        },
        str(version),
    )


def lines(text: str) -> list[str]:
    return text.replace(GAP, "").replace(NO_BREAK, " ").splitlines()


def test_it_says_which_version_is_champion_and_why() -> None:
    """Since when, by whom, on what data, and what it gained over the champion before it."""
    best = entry(
        2,
        **{
            "gain/relapse/champion": 0.02,
            "interval/gain/relapse/champion_low": 0.01,
            "interval/gain/relapse/champion_high": 0.03,
        },
    )
    page = described("", [entry(3), best, entry(1)], CHAMPION)
    first = lines(page)[2]
    assert first.startswith(
        "**Champion: [version 2](#/version/2)** since 2026-11-29 16:41 UTC, trained on march.csv"
    )
    assert "promoted and released for serving 2026-11-29 16:41 UTC by ada, after version 1." in page
    assert f"{OUTCOMES['relapse'].title} 0.020 (0.010 to 0.030)" in page
    assert "**Data** of version 2: march.csv (af5fe447), 90 infusions of 80 patients" in page


def test_intervals_are_found_in_metrics_and_in_the_tag() -> None:
    """Earlier releases recorded them as metrics of the run of a training; both give the same page."""
    figures = {"gain/champion": Measured(0.02, 0.01, 0.03), "auroc": Measured(0.7, 0.6, 0.8)}
    values = {"gain/relapse/champion": 0.02}
    ends = {
        "interval/gain/relapse/champion_low": 0.01,
        "interval/gain/relapse/champion_high": 0.03,
        "interval/relapse/auroc_low": 0.6,
        "interval/relapse/auroc_high": 0.8,
    }
    now, former = entry(2, **values), entry(2, **values, **ends)
    tags = {**now.facts.tags, **intervals_tag({"relapse": figures})}
    now = replace(now, facts=Facts(now.facts.parameters, tags))
    page = described("", [now, entry(1)], CHAMPION)
    assert "0.020 (0.010 to 0.030)" in page
    assert "0.70 (0.60 to 0.80)" in "\n".join(lines(page))
    assert page == described("", [former, entry(1)], CHAMPION)


def test_it_says_what_changed() -> None:
    """Between the newest training and the one before it, and the champion."""
    page = described(
        "", [replace(entry(4), facts=entry(4, cohort="may.csv").facts), entry(3), entry(2)], CHAMPION
    )
    assert "Changed since version 3: cohort may.csv (af5fe447) (before: march.csv (af5fe447)); seed 4" in page
    assert "Changed since the champion, version 2:" in page
    same = described("", [replace(entry(3), facts=entry(2).facts), entry(2)], None)
    assert "Changed since version 2: nothing: same cohort, settings and code." in same


def test_every_outcome_has_its_league_table() -> None:
    """The highest gain first, the champion marked, apparent beside validated AUROC."""
    entries = [entry(3, gain=0.03), entry(2, gain=0.02), entry(1, gain=0.05)]
    page = lines(described("", entries, CHAMPION))
    for outcome in OUTCOMES:
        start = next(n for n, line in enumerate(page) if line.startswith(f"**`{outcome}`**"))
        rows = [line.split(" | ")[0] for line in page[start + 4 : start + 7]]
        assert rows == ["| [1](#/run/1)", "| [3](#/run/3)", "| [2](#/run/2) **champion**"]
    assert any("| 0.80 (+0.10) |" in line for line in page)


def test_no_more_than_ten_rows_and_the_champion_among_them() -> None:
    """Even if ten others gain more."""
    entries = [entry(n, gain=n / 100) for n in range(30, 0, -1)]
    page = lines(described("", entries, CHAMPION))
    start = next(n for n, line in enumerate(page) if line.startswith("**`relapse`**"))
    assert "10 of 30 versions" in page[start]
    rows = page[start + 4 : start + 15]
    assert sum(row.startswith("| [") for row in rows) == 10
    assert "**champion**" in rows[9]


@pytest.mark.parametrize("n_trainings", [1, 20, 100])
def test_it_never_outgrows_the_tag(n_trainings: int) -> None:
    """Long names, many trainings, and a page of people's own words."""
    name = "a very | long <b>name</b> of a cohort " * 10
    entries = [entry(n, cohort=name) for n in range(n_trainings, 0, -1)]
    validations = [
        replace(each, facts=Facts({}, {**each.facts.tags, "validated_version": "1"})) for each in entries
    ]
    own = "Words of a person. " * 500
    views = {f"view {n}": "#" * 100 for n in range(6)}
    for description in ("", own):
        page = described(description, entries, CHAMPION, validations, views)
        assert len(page) <= LONGEST_PAGE
        assert "**Champion:" in page
        assert "<b>" not in page.replace("\\<b\\>", "")


def test_without_room_the_words_of_people_stay() -> None:
    """They are worth more than the tables."""
    own = "x" * (LONGEST_PAGE - 10)
    assert described(own, [entry(1)], None) == own


def test_what_people_wrote_stays_where_it_is() -> None:
    """Before and after the part, and inside it if they edited it."""
    once = described("Before.", [entry(1)], None)
    again = described(f"{once}\n\nAfter.", [entry(2), entry(1)], CHAMPION)
    assert surroundings(again, MARKS) == ("Before.", "After.")
    edited = again.replace("**Why**", "Discussed on Monday. **Why**")
    third = described(edited, [entry(3), entry(2)], CHAMPION)
    assert "Discussed on Monday." in surroundings(third, MARKS)[0]
    assert third.count("<!-- end of league table -->") == 1


def test_it_is_the_same_for_the_same_runs() -> None:
    """So that commands on several machines agree."""
    once = described("", [entry(2), entry(1)], CHAMPION)
    assert described(once, [entry(2), entry(1)], CHAMPION) == once
    assert described(RUNS, [entry(2), entry(1)], CHAMPION) == once


def test_trainings_of_the_first_release_are_ranked_too() -> None:
    """By the names that they have for their metrics."""
    parent: dict[str, Any] = next(run for run in FIRST if not run["parent"])
    old = Entry(
        "old",
        "2026-01-01T00:00:00+00:00",
        "#/old",
        Facts(parent["params"], parent["tags"]),
        parent["metrics"],
    )
    assert [each.run_id for each in ranked([entry(1, gain=0.01), old], "relapse")] == ["old", "run1"]
    auroc = parent["metrics"]["relapse.auroc"]
    assert any(f"| {auroc:.2f} (" in line for line in lines(described("", [old], None)))


def test_the_most_gain_is_among_comparable_versions() -> None:
    """Other patients or another estimand do not count, and of equal ones the champion is named."""
    best = entry(2)
    elsewhere = entry(5, gain=0.9)
    elsewhere = replace(
        elsewhere, facts=Facts(elsewhere.facts.parameters, {**elsewhere.facts.tags, "cohort_sha256": "b"})
    )
    other = entry(4, gain=0.8)
    other = replace(
        other, facts=Facts({**other.facts.parameters, "estimand": "no_further_therapy"}, other.facts.tags)
    )
    page = "\n".join(at_a_glance([elsewhere, other, entry(3), best], best))
    assert "version 5" not in page
    assert "version 4" not in page
    assert page.count("this one") == len(OUTCOMES)
    assert "[version 6](#/run/6): ridge, 0.020" in "\n".join(at_a_glance([entry(6, gain=0.02), best], best))
