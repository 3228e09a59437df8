"""What a cohort is like, whatever the world: rates, products, gaps, centers and grades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.benchmarks.grades import Grader, partly_proportional, proportional, unrelated
from tests.benchmarks.missing_values import Gaps, blind_gaps, informative_gaps, no_gaps


@dataclass(frozen=True)
class Setting:
    """One way in which cohorts and later patients depart from the plain ones.

    Attributes
    ----------
    name : str
        Entry of `SETTINGS`.
    rate_shift : float
        The world's base rate is off by this many log-odds, up or down by chance.
    n_products : int
        Everybody is given one of so many known products, drawn once a cohort; 0 for the usual mix.
    gaps : callable
        Takes values out of the charts, of later patients too: true risks are those of the complete chart.
    centers : bool
        Whether centers have levels and effects of their own, and the level drifts over time.
    new_center : bool
        Whether later patients come from a center that is not in the cohort; else from the same centers, at
        the end of the cohort's time.
    home_center : bool
        Whether later patients come from the first center of the cohort, which learners are given as the home
        center.
    grades : callable
        Draws CRS grades that agree with the event.
    """

    name: str
    rate_shift: float = 0.0
    n_products: int = 0
    gaps: Gaps = no_gaps
    centers: bool = False
    new_center: bool = False
    home_center: bool = False
    grades: Grader = partly_proportional


_ENTRIES = (
    Setting("plain"),
    Setting("other_rate", rate_shift=1.0),
    Setting("one_product", n_products=1),
    Setting("two_products", n_products=2),
    Setting("gaps", gaps=blind_gaps),
    Setting("informative_gaps", gaps=informative_gaps),
    Setting("centers", centers=True),
    Setting("new_center", centers=True, new_center=True),
    Setting("home_center", centers=True, home_center=True),
    Setting("proportional_grades", grades=proportional),
    Setting("unrelated_grades", grades=unrelated),
    Setting("real_life", rate_shift=0.5, gaps=informative_gaps, centers=True),
)

SETTINGS: Mapping[str, Setting] = {setting.name: setting for setting in _ENTRIES}
"""Every setting by name. Grades change no event: settings of grades alone are for learners of grades."""
PLAIN = SETTINGS["plain"]
