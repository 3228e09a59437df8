"""The page of an experiment: champion, changes and a league table per outcome, as its description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from features.outcomes import OUTCOMES
from features.problems import counted
from serving.model.figure_text import measured
from training.records.experiment_entry import Entry
from training.records.experiment_reading import reading
from training.records.experiment_tables import at_a_glance, outcome_table, validation_table
from training.records.markdown_table import plain
from training.records.marked_part import Marks, with_part
from training.records.overfitting_runs import HOW_TO_READ
from training.records.run_differences import NOTHING, cohort_cell, differences

MARKS = Marks("league table")
LONGEST_PAGE = 20_000
"""Characters of a tag of an experiment: MLflow refuses a longer one."""
MOST_ROWS = 10
"""Rows of a table at most."""
RUNS = "One run per training or validation; child runs per model, baseline or outcome."
"""The whole description that the first release gave to an experiment."""
LONGEST_REASON, LONGEST_EVENTS = 200, 300
"""Characters of why a promotion was forced, and of the events by outcome."""
NO_CHAMPION = "No champion yet: `cart-outcomes promote` makes a version the champion."
COMPARABLE = (
    "Gain: lower log loss than the prevalence in the same folds, with its 90 % interval; above 0 is better. "
    "Compare gains of the same cohort only. Calibration slope: 1 is ideal, below 1 predictions are too "
    "extreme. "
    "Observed : expected events: 1 is ideal."
)


@dataclass(frozen=True)
class Promoted:
    """What is recorded of the champion.

    Attributes
    ----------
    version, since, by, forced : str
        ``since`` is in ISO 8601; ``by`` and ``forced`` are empty where nothing is recorded.
    former : str
        Version that was champion before; empty where there was none.
    page : str
        Address of the version's page.
    """

    version: str
    since: str
    by: str = ""
    forced: str = ""
    former: str = ""
    page: str = ""


def described(
    description: str,
    entries: Sequence[Entry],
    champion: Promoted | None,
    validations: Sequence[Entry] = (),
    views: Mapping[str, str] | None = None,
) -> str:
    """Renew the part of an experiment's description that lists its trainings.

    Parameters
    ----------
    description : str
        As it is. What people wrote before and after the part is kept.
    entries : sequence of Entry
        Trainings and updates, the newest first.
    champion : Promoted or None
    validations : sequence of Entry
        External validations, the newest first.
    views : mapping of str to str, optional
        Address of each saved view, by its name.

    Returns
    -------
    description : str
        At most `LONGEST_PAGE` characters: tables get shorter until it fits. The description as it is where
        people's own words leave no room.
    """
    description = description.removeprefix(RUNS).strip()
    for rows in (*range(MOST_ROWS, 0, -1), 0):
        text = page_text(entries, champion, validations, views or {}, rows=rows)
        renewed = with_part(description, text, MARKS)
        if len(renewed) <= LONGEST_PAGE:
            return renewed
    return description


def page_text(
    entries: Sequence[Entry],
    champion: Promoted | None,
    validations: Sequence[Entry],
    views: Mapping[str, str],
    *,
    rows: int = MOST_ROWS,
) -> str:
    """Write the part, with at most so many rows a table."""
    best = next((each for each in entries if champion is not None and each.version == champion.version), None)
    parts = [
        [_headline(entries, best, champion)],
        _champion(champion, best),
        _data(best if best is not None else next(iter(entries), None)),
        _changes(entries, best),
        _read(best if best is not None else next(iter(entries), None)),
        [_views(views)] if views else [],
        at_a_glance(entries, best) if rows else [],
    ]
    for outcome in OUTCOMES:
        parts.append(outcome_table(entries, outcome, best, rows))
    parts += [validation_table(validations, rows), [f"{COMPARABLE} {HOW_TO_READ} {RUNS}"]]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _headline(entries: Sequence[Entry], best: Entry | None, champion: Promoted | None) -> str:
    """Write the line that is shown before the description is unfolded."""
    if champion is None:
        return f"**{NO_CHAMPION}** {counted(len(entries), 'version')}; unfold for the league tables."
    data = f", trained on {cohort_cell(best.facts)}" if best is not None else ""
    return (
        f"**Champion: [version {champion.version}]({champion.page})** since {moment(champion.since)}{data}. "
        "Unfold for the league tables."
    )


def _champion(champion: Promoted | None, best: Entry | None) -> list[str]:
    """Say since when, by whom and why a version is champion."""
    if champion is None:
        return []
    by, former = f" by {plain(champion.by)}" if champion.by else "", champion.former
    order = f"after version {former}" if former else "the first champion"
    since = f"promoted and released for serving {moment(champion.since)}{by}, {order}"
    forced = f" Forced: {plain(champion.forced, LONGEST_REASON)}." if champion.forced else ""
    gains = [words for name in OUTCOMES if best is not None and (words := _gain_over_former(best, name))]
    gained = f" Gain in log loss over the champion before: {'; '.join(gains)}." if gains else ""
    return [f"**Why**: {since}.{forced}{gained}"]


def _data(entry: Entry | None) -> list[str]:
    """Say on which cohort a version was trained, of how many, and with how many events."""
    if entry is None:
        return []
    tags = entry.facts.tags
    sizes = f"{tags.get('n_infusions', '?')} infusions of {tags.get('n_patients', '?')} patients"
    events = plain(tags.get("n_events", "-"), LONGEST_EVENTS)
    loudly = "" if tags.get("synthetic", "no") == "no" else f" **{tags['synthetic']}**."
    return [f"**Data** of {entry.title}: {cohort_cell(entry.facts)}, {sizes}; events: {events}.{loudly}"]


def _read(entry: Entry | None) -> list[str]:
    """Say what the figures of a version mean."""
    return ["\n\n".join(each for each in reading(entry) if each)] if entry is not None else []


def _gain_over_former(best: Entry, outcome: str) -> str:
    gain = best.champion_gain(outcome)
    return f"{OUTCOMES[outcome].title} {measured(gain)}" if gain.value is not None else ""


def _changes(entries: Sequence[Entry], best: Entry | None) -> list[str]:
    """Say how the newest training differs from the one before it and from the champion."""
    if len(entries) < 2:
        return []
    newest, before = entries[:2]
    since = [f"since {before.title}: {_words(newest, before)}"]
    if best is not None and best.run_id not in (newest.run_id, before.run_id):
        since.insert(0, f"since the champion, {best.title}: {_words(newest, best)}")
    changed = " ".join(f"Changed {each}." for each in since)
    return [f"**Newest**: {newest.link}, {moment(newest.started)}. {changed}"]


def _words(entry: Entry, other: Entry) -> str:
    return "; ".join(differences(entry.facts, other.facts)) or NOTHING


def _views(views: Mapping[str, str]) -> str:
    return f"**Lists of runs**: {', '.join(f'[{name}]({address})' for name, address in views.items())}."


def moment(when: str) -> str:
    """Write a moment in ISO 8601 for people.

    Examples
    --------
    >>> moment("2026-11-29T16:41:18+00:00"), moment("")
    ('2026-11-29 16:41 UTC', 'an unknown time')
    """
    if not when:
        return "an unknown time"
    return f"{datetime.fromisoformat(when).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
