"""The answer of one outcome as plain data, with all that is the same for every patient prepared once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from features.columns import Values
from features.log_odds import expit
from features.outcomes import OUTCOMES
from serving.answers.among import among
from serving.answers.comparators import score_comparators
from serving.answers.context import easix_comparator, predicted_range, row_inputs, row_title
from serving.answers.facts import facts
from serving.answers.reasons import ReasonRows
from serving.answers.surroundings import Surroundings
from serving.answers.without_source import risks_without_source
from serving.model.bundle import Bundle
from serving.model.field_use import Use
from serving.model.interval_ends import INTERVAL_LEVEL
from serving.model.outcome_risks import OutcomeRisks


class OutcomeRows:
    """Answers of one outcome by a bundle.

    Parameters
    ----------
    bundle : Bundle
    name : str
        The outcome.
    uses : mapping of str to Use
        How its model uses every field.
    """

    def __init__(self, bundle: Bundle, name: str, uses: Mapping[str, Use]) -> None:
        self._outcome, self._model = OUTCOMES[name], bundle.models[name]
        self._summary = summary = bundle.summaries[name]
        self._uses = uses
        reference = self._model.reference[:1]
        headline = self._model.horizons_days[0]
        self._first = {
            "name": name,
            "title": self._outcome.title,
            "definition": self._outcome.definition,
            "main": self._outcome.main,
            "horizon_days": headline,
        }
        self._reference = {"risk": float(expit(reference)[0]), "log_odds": float(reference[0])}
        self._average = summary.cumulative_incidence.get(headline)
        self._range = predicted_range(summary.calibration)
        self._status = {
            "evidence_weight": self._model.evidence_weight,
            "method": self._model.method,
            "status": summary.status,
            "status_reasons": list(summary.status_reasons),
            "status_facts": facts(summary.status_facts),
        }
        self._last = {
            "field_use": dict(uses),
            "n_infusions": summary.n_infusions,
            "n_events": summary.n_events,
            "n_headline_events": summary.events_by(headline),
            "competing": self._outcome.competing,
            "interval_note": summary.interval_note,
            "evidence_note": summary.evidence_note,
        }
        by_time = sorted(enumerate(self._model.horizons_days), key=lambda each: each[1])
        self._by_time = tuple(by_time)
        self._missing: list[dict[str, Any]] = [
            {"field": field, "title": row_title(field), "inputs": row_inputs()[field], "width": 0.0}
            for field in (self._model.linear.fields if self._model.linear is not None else ())
        ]
        self._reasons: ReasonRows | None = None

    def of(
        self, risks: OutcomeRisks, position: int, values: Mapping[str, Any], surroundings: Surroundings
    ) -> dict[str, Any]:
        """Answer for one patient.

        Parameters
        ----------
        risks : OutcomeRisks
            Of the outcome.
        position : int
            Of the patient.
        values : mapping
            The patient's values by column of `Patient`, None where not known.
        surroundings : Surroundings
            What answers say beside the risks.

        Returns
        -------
        answer : dict
            As `serving.answers.schema.OutcomeAnswer` describes it.
        """
        risk, low, high = (each[position].tolist() for each in (risks.risk, risks.low, risks.high))
        if self._reasons is None:
            self._reasons = ReasonRows(self._model, risks.explanation.fields)
        return {
            **self._first,
            "risk": risk[0],
            "among": among(self._outcome, risks.explanation, position),
            "interval": {"level": INTERVAL_LEVEL, "low": low[0], "high": high[0]},
            "curve": [
                {"horizon_days": days, "risk": risk[at], "low": low[at], "high": high[at]}
                for at, days in self._by_time
            ],
            "reference": self._reference,
            "cohort_average": self._average,
            "predicted_range": self._range,
            "contributions": self._reasons.of(risks.explanation, position, values),
            **self._status,
            "easix": easix_comparator(self._summary.easix, float(surroundings.easix[position])),
            "scores": score_comparators(self._summary.scores, surroundings.points(position)),
            "missing_costs": self._missing_costs(surroundings.narrower[self._outcome.name][position], values),
            "without_source": risks_without_source(
                risks.without_sources, risk[0], risks.risk_without[position, :, 0]
            ),
            **self._last,
        }

    def _missing_costs(self, narrower: Values, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """List the missing values of a patient, the largest width first.

        Their widths are those of `serving.model.missing_costs.narrowing`, NaN where the row is known.
        """
        widths = narrower.tolist()
        listed = []
        for at in np.flatnonzero(~np.isnan(narrower)).tolist():
            same = self._missing[at]
            inputs = [column for column in same["inputs"] if values[column] is None]
            listed.append({**same, "inputs": inputs, "width": widths[at]})
        listed.sort(key=lambda cost: -cost["width"])
        return listed
