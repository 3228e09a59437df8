"""What a bundle says of the cohort it was trained on and of how well it did: aggregates, never a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measured:
    """A measured figure with its 90 % interval; None where it could not be computed."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class CohortSummary:
    """The training cohort in aggregates.

    Attributes
    ----------
    name, sha256 : str
        File name and digest of the file.
    synthetic : bool
        Whether it was generated.
    n_infusions, n_patients, n_centers : int
        Sizes; ``n_centers`` is 0 where centres are not recorded.
    ranges : mapping of str to (low, high)
        Per numeric column the 2.5th and 97.5th percentile, where at least ten patients have a value.
    options : mapping of str to mapping of str to int
        Per choice or boolean column the number of infusions with each option, rounded down to tens.
    missing : mapping of str to float
        Share of infusions in which each column is blank, to two decimals.
    """

    name: str
    sha256: str
    synthetic: bool
    n_infusions: int
    n_patients: int
    n_centers: int
    ranges: Mapping[str, tuple[float, float]]
    options: Mapping[str, Mapping[str, int]]
    missing: Mapping[str, float]


@dataclass(frozen=True)
class OutcomeSummary:
    """What was seen of one outcome, and how well its model predicted it out of fold.

    Attributes
    ----------
    n_infusions, n_events, n_competing : int
        Infusions with anything known; events and competing events among them by the last horizon kept.
    cumulative_incidence : mapping of int to float
        Observed, by horizon in days (Aalen-Johansen).
    dropped_horizons : mapping of int to str
        Horizons left out, and why.
    counts : mapping of str to int
        Decisions made about infusions, in words.
    grading : str
        What was allowed about the grading scale; empty where nothing had to be.
    censoring : str
        Assumption about censoring, in words.
    interval_note : str
        What is known to be wrong with the interval of the risks; empty where nothing is.
    metrics : mapping of int to mapping of str to Measured
        Out-of-fold, by horizon in days; empty without validation.
    status : str
        ``internally validated`` or ``not validated locally``.
    status_reasons : tuple of str
        What is missing for validation.
    """

    n_infusions: int
    n_events: int
    n_competing: int
    cumulative_incidence: Mapping[int, float]
    dropped_horizons: Mapping[int, str]
    counts: Mapping[str, int]
    grading: str
    censoring: str
    interval_note: str = ""
    metrics: Mapping[int, Mapping[str, Measured]] = field(default_factory=dict)
    status: str = "not validated locally"
    status_reasons: tuple[str, ...] = ()
