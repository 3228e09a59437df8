"""One training, update or external validation of an experiment, as its parent run states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.outcomes import OUTCOMES
from serving.model.measured import Measured
from training.records.metric_names import APPARENT, GAINS, high_end, low_end, outcome_metric
from training.records.parent_intervals import with_interval
from training.records.recorded_names import recorded_measures, recorded_metrics
from training.records.run_differences import Facts

OVERFITTED = "auroc"
"""Measure whose apparent value is shown beside the validated one."""


@dataclass(frozen=True)
class Entry:
    """One training, update or external validation, as its parent run states it.

    Attributes
    ----------
    run_id, started, page : str
        ``started`` is in ISO 8601; ``page`` is the address of the run's page.
    facts : Facts
    metrics : mapping of str to float
        As any release named them.
    version : str
        That it made; empty where none was registered.
    """

    run_id: str
    started: str
    page: str
    facts: Facts
    metrics: Mapping[str, float]
    version: str = ""

    @property
    def title(self) -> str:
        """Name it in words."""
        return f"version {self.version}" if self.version else "an unregistered training"

    @property
    def link(self) -> str:
        """Link to its run."""
        return f"[{self.title}]({self.page})"

    def artifact(self, path: str) -> str:
        """Address of the page that shows an artifact of its run."""
        page, mark, query = self.page.partition("?")
        return f"{page}/artifacts/{path}{mark}{query}"

    def measures(self, outcome: str) -> dict[str, Measured]:
        """Read the measures of an outcome's model in the bundle."""
        figures = recorded_measures(self.metrics, outcome)
        return {
            name: with_interval(figure, self.facts.tags, outcome, name) for name, figure in figures.items()
        }

    def chosen(self, outcome: str) -> str:
        """Name the model of an outcome in the bundle; empty without one."""
        return self.facts.tags.get(f"chosen.{outcome}", "")

    def horizon_days(self, outcome: str) -> str:
        """Give the horizon of its measures."""
        return self.facts.tags.get(f"horizon_days.{outcome}", str(OUTCOMES[outcome].horizons_days[0]))

    def champion_gain(self, outcome: str) -> Measured:
        """Read the paired gain over the champion of its time."""
        known, name = recorded_metrics(self.metrics), f"{GAINS}/{outcome}/champion"
        gain = Measured(known.get(name), known.get(low_end(name)), known.get(high_end(name)))
        return with_interval(gain, self.facts.tags, outcome, f"{GAINS}/champion")

    def optimism(self, outcome: str) -> tuple[float, float] | None:
        """Read the apparent and the validated value of `OVERFITTED`; None where one is not known."""
        apparent = self.metrics.get(f"{APPARENT}/{outcome_metric(outcome, OVERFITTED)}")
        validated = self.measures(outcome).get(OVERFITTED)
        if apparent is None or validated is None or validated.value is None:
            return None
        return apparent, validated.value
