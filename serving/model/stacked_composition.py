"""Rows of stacked risks: one a model and horizon, and how those of composed models come about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.columns import Values
from serving.model.composed_risk import compose_horizons
from serving.model.risk_model import RiskModel


class StackedComposition:
    """Where each model and horizon is in stacked risks, and the composition of all of them.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome, with all that they are composed of.

    Attributes
    ----------
    model_of : ndarray of int, shape (n_rows,)
        Position of the model of each row.
    rows : dict of str to slice
        Rows of each outcome, the headline first.
    headlines : dict of str to int
        Row of the headline horizon of each outcome.
    """

    def __init__(self, models: Mapping[str, RiskModel]) -> None:
        sizes = [len(model.horizons_days) for model in models.values()]
        ends = np.cumsum(sizes).tolist()
        self.model_of = np.repeat(np.arange(len(sizes)), sizes)
        self.rows = {
            name: slice(end - size, end) for name, size, end in zip(models, sizes, ends, strict=True)
        }
        self.headlines = {name: rows.start for name, rows in self.rows.items()}
        self._models = models
        self._order = _parts_first(models)

    def compose(self, conditional: Values) -> Values:
        """Compose the risks of all models, in place.

        Parameters
        ----------
        conditional : ndarray of shape (n_rows, ...)
            Risk among those who can have each outcome.

        Returns
        -------
        risk : ndarray of shape (n_rows, ...)
            Among all; the same array.
        """
        for name in self._order:
            model = self._models[name]
            parts = model.composition
            if parts is None:
                continue
            conditional[self.rows[name]] = compose_horizons(
                conditional[self.rows[name]],
                conditional[self._at(model, parts.given)],
                None if parts.plus is None else conditional[self._at(model, parts.plus)],
                happened=parts.happened,
                horizons_days=model.horizons_days,
            )
        return conditional

    def _at(self, model: RiskModel, part: RiskModel) -> slice | list[int]:
        """Rows of a part at the horizons of a model."""
        if model.horizons_days == part.horizons_days:
            return self.rows[part.outcome]
        first = self.rows[part.outcome].start
        return [first + part.horizons_days.index(days) for days in model.horizons_days]


def _parts_first(models: Mapping[str, RiskModel]) -> list[str]:
    """Order outcomes so that each follows all that it is composed of."""
    order: list[str] = []

    def visit(name: str) -> None:
        for part in models[name].parts:
            visit(part.outcome)
        if name not in order:
            order.append(name)

    for name in models:
        visit(name)
    return order
