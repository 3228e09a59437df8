"""The reasons of a risk: contributions to its log-odds, with the sources of their published part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from features.explanation_groups import explanation_group
from features.field import specs
from features.schema import Patient
from serving.answers.context import row_inputs, row_title
from serving.answers.studied import studied
from serving.model.explanation import Explanation
from serving.model.risk_model import RiskModel

LEAST_SHOWN = 0.005
"""Log-odds below which a part is shown as 0.00."""


class ReasonRows:
    """Reasons by one model, with all that is the same for every patient prepared once.

    Parameters
    ----------
    model : RiskModel
    fields : sequence of str
        Rows of its explanation.
    """

    def __init__(self, model: RiskModel, fields: tuple[str, ...]) -> None:
        self._model = model
        self._fields = fields
        inputs, known = row_inputs(), specs(Patient)
        self._same: list[dict[str, Any]] = [
            {
                "field": name,
                "title": row_title(name),
                "value": None,
                "unit": known[name].unit if name in known else "",
                "log_odds": 0.0,
                "published": 0.0,
                "local": 0.0,
                "sources": (),
                "studied": (),
                "inputs": () if name in known else inputs[name],
                "group": explanation_group(name),
            }
            for name in fields
        ]
        parents = () if model.linear is None else model.linear.parents
        self._terms = [[at for at, parent in enumerate(parents) if parent == name] for name in fields]
        self._named: list[dict[bool | tuple[bool, ...], tuple[list[str], list[str]]]] = [{} for _ in fields]

    def of(self, explanation: Explanation, position: int, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """List the contributions of one patient, strongest first; a column the model never used is left out.

        Parameters
        ----------
        explanation : Explanation
            Of the model.
        position : int
            Of the patient.
        values : mapping
            The patient's values by column of `Patient`, None where not known.

        Returns
        -------
        reasons : list of dict
            As `serving.answers.contribution.Contribution` describes them.
        """
        totals = explanation.contributions[position].tolist()
        published = explanation.published[position].tolist()
        shown = (np.abs(explanation.published_terms[position]) >= LEAST_SHOWN).tolist()
        listed = []
        for row, total in enumerate(totals):
            reason = self._same[row].copy()
            reason["value"] = values.get(self._fields[row])
            reason["log_odds"] = total
            reason["published"] = published[row]
            reason["local"] = total - published[row]
            reason["sources"], reason["studied"] = self._sources(row, shown)
            listed.append(reason)
        listed.sort(key=lambda reason: -abs(reason["log_odds"]))
        return listed

    def _sources(self, row: int, shown: list[bool]) -> tuple[list[str], list[str]]:
        """Name the sources of the published part of a row, and whom they studied.

        A term whose published part is shown as 0 names nothing: rates of one product are no source for
        another.
        """
        terms = self._terms[row]
        key = shown[terms[0]] if len(terms) == 1 else tuple([shown[at] for at in terms])
        known = self._named[row].get(key)
        if known is None:
            linear = self._model.linear
            by_term = () if linear is None else (linear.sources[at] for at in terms if shown[at])
            sources = list(dict.fromkeys(source for sources in by_term for source in sources))
            known = sources, [studied(self._model.outcome, source) for source in sources]
            self._named[row][key] = known
        return known
