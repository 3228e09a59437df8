"""The answer of one outcome as JSON, with all that is the same for every patient prepared once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import chain

from pydantic_core import to_json

from features.bedside_scores import BEDSIDE_SCORES
from features.columns import Values
from features.log_odds import expit
from features.outcomes import OUTCOMES
from serving.answers.among import among
from serving.answers.comparators import score_comparators
from serving.answers.context import easix_comparator, predicted_range
from serving.answers.facts import facts
from serving.answers.json_text import NULL, SLOT, Template, array, number_texts
from serving.answers.patient_texts import PatientTexts
from serving.answers.reasons import ReasonRows
from serving.answers.surroundings import Surroundings
from serving.answers.without_source import SourceRows
from serving.model.bundle import Bundle
from serving.model.field_use import Use
from serving.model.interval_ends import INTERVAL_LEVEL
from serving.model.outcome_risks import OutcomeRisks

INTERVAL = Template({"level": INTERVAL_LEVEL, "low": SLOT, "high": SLOT})


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
        self._summary = bundle.summaries[name]
        self._template = self._prepared(uses)
        by_time = sorted(enumerate(self._model.horizons_days), key=lambda each: each[1])
        self._points = [
            (at, Template({"horizon_days": days, "risk": SLOT, "low": SLOT, "high": SLOT}))
            for at, days in by_time
        ]
        self._fields = self._model.linear.fields if self._model.linear is not None else ()
        self._without_easix = to_json(easix_comparator(self._summary.easix, math.nan))
        self._without_points = self._scores(dict.fromkeys(BEDSIDE_SCORES, math.nan))
        self._rows: tuple[ReasonRows, SourceRows] | None = None

    def of(
        self, risks: OutcomeRisks, position: int, patient: PatientTexts, surroundings: Surroundings
    ) -> bytes:
        """Answer for one patient.

        Parameters
        ----------
        risks : OutcomeRisks
            Of the outcome.
        position : int
            Of the patient.
        patient : PatientTexts
            The patient's values as JSON.
        surroundings : Surroundings
            What answers say beside the risks.

        Returns
        -------
        answer : bytes
            As `serving.answers.schema.OutcomeAnswer` describes it.
        """
        reasons, sources = self._prepared_rows(risks)
        n = len(self._points)
        ends = (each[position].tolist() for each in (risks.risk, risks.low, risks.high))
        numbers = number_texts([*chain(*ends)])
        risk, low, high = numbers[:n], numbers[n : 2 * n], numbers[2 * n :]
        return self._template.filled(
            risk[0],
            self._among(risks, position),
            INTERVAL.filled(low[0], high[0]),
            array([point.filled(risk[at], low[at], high[at]) for at, point in self._points]),
            reasons.of(risks.explanation, position, patient.of_rows(risks.explanation.fields)),
            self._easix(float(surroundings.easix[position])),
            self._scores_of(surroundings.points(position)),
            self._missing_costs(surroundings.narrower[self._outcome.name][position], patient),
            sources.of(risks.risk[position, 0], risks.risk_without[position, :, 0]),
        )

    def _prepared_rows(self, risks: OutcomeRisks) -> tuple[ReasonRows, SourceRows]:
        """Prepare the rows that are named by the first risks."""
        if self._rows is None:
            self._rows = ReasonRows(self._model, risks.explanation.fields), SourceRows(risks.without_sources)
        return self._rows

    def _prepared(self, uses: Mapping[str, Use]) -> Template:
        """Write what is the same for every patient, in the order of `OutcomeAnswer`."""
        outcome, model, summary = self._outcome, self._model, self._summary
        headline, reference = model.horizons_days[0], model.reference[:1]
        return Template(
            {
                "name": outcome.name,
                "title": outcome.title,
                "definition": outcome.definition,
                "main": outcome.main,
                "horizon_days": headline,
                "risk": SLOT,
                "among": SLOT,
                "interval": SLOT,
                "curve": SLOT,
                "reference": {"risk": float(expit(reference)[0]), "log_odds": float(reference[0])},
                "cohort_average": summary.cumulative_incidence.get(headline),
                "predicted_range": predicted_range(summary.calibration),
                "contributions": SLOT,
                "evidence_weight": model.evidence_weight,
                "method": model.method,
                "status": summary.status,
                "status_reasons": list(summary.status_reasons),
                "status_facts": facts(summary.status_facts),
                "easix": SLOT,
                "scores": SLOT,
                "missing_costs": SLOT,
                "without_source": SLOT,
                "field_use": dict(uses),
                "n_infusions": summary.n_infusions,
                "n_events": summary.n_events,
                "n_headline_events": summary.events_by(headline),
                "competing": outcome.competing,
                "interval_note": summary.interval_note,
                "evidence_note": summary.evidence_note,
            }
        )

    def _among(self, risks: OutcomeRisks, position: int) -> bytes:
        stated = among(self._outcome, risks.explanation, position)
        return NULL if stated is None else to_json(stated)

    def _easix(self, index: float) -> bytes:
        if math.isnan(index):
            return self._without_easix
        return to_json(easix_comparator(self._summary.easix, index))

    def _scores_of(self, points: Mapping[str, float]) -> bytes:
        if all(math.isnan(each) for each in points.values()):
            return self._without_points
        return self._scores(points)

    def _scores(self, points: Mapping[str, float]) -> bytes:
        return to_json(score_comparators(self._summary.scores, points))

    def _missing_costs(self, narrower: Values, patient: PatientTexts) -> bytes:
        """List the missing values of a patient, the largest width first.

        Their widths are those of `serving.model.missing_costs.narrowing`, NaN where the row is known.
        """
        widths = narrower.tolist()
        missing = [at for at, width in enumerate(widths) if not math.isnan(width)]
        missing.sort(key=lambda at: -widths[at])
        rows, texts = patient.missing_rows(self._fields), number_texts([widths[at] for at in missing])
        return array([rows[at] % text for at, text in zip(missing, texts, strict=True)])
