"""A cohort of several centers from the view of one: fitted to all of it, counted and validated in that one.

A model with a home center answers for patients of that center. So events are counted, and risks measured, in
its own infusions; those of the other centers are in every training part, except for patients who were treated
in both and are held out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.cohort import Cohort
from features.columns import Values
from features.outcome import Outcome
from training.dataset.centers import centers_by_size, named_centers
from training.dataset.event_counts import distinct_events, event_free_patients
from training.dataset.fit_config import FitConfig
from training.dataset.infusion_subset import of_infusions
from training.dataset.outcome_dataset import TINY_COHORT, OutcomeData, outcome_data
from training.dataset.training_set import TrainingSet
from training.dataset.unavailable import NoData
from training.statistics.censoring_weights import FEWEST_AT_RISK, horizon_dropped


@dataclass(frozen=True, repr=False, kw_only=True)
class HomeCenterData(OutcomeData):
    """One outcome in the infusions of a home center, beside those of all centers.

    Attributes
    ----------
    whole : OutcomeData
        Of all centers, at the same horizons.
    """

    whole: OutcomeData

    @property
    def fitted(self) -> OutcomeData:
        """All infusions that a model is fitted to."""
        return self.whole

    def training_set(
        self, index: NDArray[Any] | None = None, *, multiplicity: Values | None = None
    ) -> TrainingSet:
        """Take infusions of the home center, with all of other centers that share no patient with the rest.

        Parameters
        ----------
        index : ndarray, optional
            Positions among the infusions of the home center; all by default.
        multiplicity : None
            Draws are of all patients: take them of `fitted`.

        Returns
        -------
        training : TrainingSet
        """
        if multiplicity is not None:
            message = "draw multiplicities for `fitted`, which has all patients"
            raise ValueError(message)
        own = np.flatnonzero(np.isin(self.whole.position, self.position))
        chosen = own if index is None else own[index]
        held_out = np.setdiff1d(own, chosen)
        groups = self.whole.groups
        others = np.flatnonzero(~np.isin(groups, groups[held_out]))
        return self.whole.training_set(np.union1d(chosen, np.setdiff1d(others, own)))


def modeled_data(cohort: Cohort, outcome: Outcome, config: FitConfig) -> OutcomeData | NoData:
    """Prepare one outcome for the patients who are answered for: of the home center, or of a new one.

    Parameters
    ----------
    cohort : Cohort
    outcome : Outcome
    config : FitConfig

    Returns
    -------
    data : OutcomeData or NoData
        `HomeCenterData` where the configuration has a home center.
    """
    whole = outcome_data(cohort, outcome, config)
    if isinstance(whole, NoData) or not config.home_center:
        return whole
    return _in_home_center(whole, cohort, centers_by_size(cohort.center)[config.home_center - 1])


def _in_home_center(whole: OutcomeData, cohort: Cohort, home: str) -> HomeCenterData | NoData:
    """Restrict an outcome to a center, and both to the horizons to which the center follows its patients."""
    parts: dict[str, OutcomeData] = {}
    for name, part in whole.parts.items():
        restricted = _in_home_center(part, cohort, home)
        if isinstance(restricted, NoData):
            return restricted
        parts[name] = restricted
    kept = whole.position[named_centers(whole.center) == home]
    if len(kept) == 0:
        return NoData(f"no infusion of the home center has {', '.join(whole.outcome.needs)}", recorded=True)
    own = of_infusions(whole, kept)
    dropped = _dropped_horizons(own, parts)
    if all(dropped.values()):
        reasons = "; ".join(dict.fromkeys(dropped.values()))
        return NoData(f"in the home center, {reasons}", recorded=True)
    horizons = tuple(days for days, reason in dropped.items() if not reason)
    seen, groups = own.observation, own.groups
    values = {each.name: getattr(own, each.name) for each in fields(OutcomeData)}
    values |= {
        "horizons_days": horizons,
        "dropped_horizons": {**whole.dropped_horizons, **{days: why for days, why in dropped.items() if why}},
        "n_events": distinct_events(cohort, own.position, seen, horizon_days=max(horizons)),
        "n_headline_events": distinct_events(cohort, own.position, seen, horizon_days=horizons[0]),
        "n_headline_free": event_free_patients(seen, groups, horizon_days=horizons[0]),
        "parts": parts,
        "home": home,
    }
    return HomeCenterData(**values, whole=replace(whole, horizons_days=horizons, home=home))


def _dropped_horizons(own: OutcomeData, parts: dict[str, OutcomeData]) -> dict[int, str]:
    """Say for every horizon of the cohort why the center cannot tell it; empty where it can."""
    seen = own.observation
    fewest = FEWEST_AT_RISK if len(own) >= TINY_COHORT else 1
    return {
        days: next(
            (part.dropped_horizons[days] for part in parts.values() if days in part.dropped_horizons),
            horizon_dropped(seen.day, seen.event, horizon_days=days, fewest_at_risk=fewest),
        )
        for days in own.horizons_days
    }
