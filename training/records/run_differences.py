"""What differs between two trainings: cohort, settings, code; from the facts that their runs state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from training.records.markdown_table import plain
from training.records.run_names import DIGEST_DIGITS

NOTHING = "nothing: same cohort, settings and code"
LONGEST_VALUE = 40
"""Characters of a value in words."""


@dataclass(frozen=True)
class Facts:
    """Parameters and tags of a run.

    Attributes
    ----------
    parameters, tags : mapping of str to str
    """

    parameters: Mapping[str, str]
    tags: Mapping[str, str]


def _parameter(name: str) -> Callable[[Facts], str]:
    return lambda facts: plain(facts.parameters.get(name, ""), LONGEST_VALUE)


def _short_tag(name: str) -> Callable[[Facts], str]:
    return lambda facts: facts.tags.get(name, "")[:DIGEST_DIGITS]


def cohort_cell(facts: Facts) -> str:
    """Name the cohort of a run with its digest.

    Examples
    --------
    >>> cohort_cell(Facts({}, {"cohort": "march.csv", "cohort_sha256": "af5fe447ffd3"}))
    'march.csv (af5fe447)'
    """
    name, digest = plain(facts.tags.get("cohort", ""), LONGEST_VALUE), _short_tag("cohort_sha256")(facts)
    return f"{name} ({digest})" if digest else name


COMPARED: Mapping[str, Callable[[Facts], str]] = {
    "cohort": cohort_cell,
    "update of version": _parameter("parent_version"),
    "estimand": _parameter("estimand"),
    "outcomes": _parameter("outcomes"),
    "models": _parameter("models"),
    "evidence": _parameter("evidence"),
    "grading": _parameter("allow_grading"),
    "unassessed in remission": _parameter("assume_remission"),
    "home center": _parameter("home_center"),
    "seed": _parameter("seed"),
    "validated": _parameter("validate"),
    "folds": _parameter("folds"),
    "repeats": _parameter("repeats"),
    "bootstrap draws": _parameter("bootstrap_draws"),
    "replicates": _parameter("replicates"),
    "code version": lambda facts: plain(facts.tags.get("code_version", "")),
    "commit": _short_tag("mlflow.source.git.commit"),
}
"""What is compared, those that matter most first: in words, with how it is read from a run."""


def differences(facts: Facts, other: Facts) -> list[str]:
    """List what differs between a run and another one.

    Parameters
    ----------
    facts, other : Facts

    Returns
    -------
    words : list of str
        Markdown. What only one of them states is listed only where the first states it.

    Examples
    --------
    >>> first, second = Facts({"seed": "7", "folds": "5"}, {}), Facts({"seed": "1", "folds": "5"}, {})
    >>> differences(first, second)
    ['seed 7 (before: 1)']
    >>> differences(Facts({"parent_version": "2"}, {}), first)
    ['update of version 2']
    """
    words = []
    for title, read in COMPARED.items():
        value, before = read(facts), read(other)
        if value and value != before:
            words.append(f"{title} {value}{f' (before: {before})' if before else ''}")
    return words


def differences_cell(facts: Facts, other: Facts) -> str:
    """Name in a table's cell what differs, without what it was before."""
    values = [
        f"{title} {value}"
        for title, read in COMPARED.items()
        if (value := read(facts)) != read(other) and value
    ]
    return ", ".join(values) or "nothing"
