"""The risk of an outcome that only some can have, composed of the risk among them and of being one of them.

    F(h) = c(h) q(h) + p(h)

where c is the probability that the other outcome happened by h, or that it did not, q the risk among those,
and p the risk of an outcome that always is this one too. So relapse, death without relapse and neither add up
to 1, and a risk of grade 2 or higher is no smaller than that of grade 3 or higher.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from features.columns import Values

if TYPE_CHECKING:
    from serving.model.risk_model import RiskModel


@dataclass(frozen=True)
class Composition:
    """What the risk of an outcome is composed of, beside the risk among those who can have it.

    Attributes
    ----------
    given : RiskModel
        Of the outcome that decides who can have this one.
    happened : bool
        Whether those with it are meant, or those without.
    plus : RiskModel, optional
        Of an outcome that always is this one too, and is not among them.
    """

    given: RiskModel
    happened: bool
    plus: RiskModel | None = None

    @property
    def models(self) -> tuple[RiskModel, ...]:
        """The models it rests on."""
        return (self.given,) if self.plus is None else (self.given, self.plus)

    def composed(
        self, conditional: Values, horizons_days: tuple[int, ...], risks: Callable[[RiskModel], Values]
    ) -> Values:
        """Compose risks.

        Parameters
        ----------
        conditional : ndarray of shape (..., n_horizons)
            Among those who can have the outcome.
        horizons_days : tuple of int
            Headline first; the other models have each of them.
        risks : callable
            Gives the risks of one of `models` at its own horizons, of the same shape otherwise.

        Returns
        -------
        risk : ndarray of shape (..., n_horizons)
        """
        given, plus = (
            None if model is None else _at(horizons_days, model, risks(model))
            for model in (self.given, self.plus)
        )
        assert given is not None
        return composed_risk(conditional, given, plus, happened=self.happened, horizons_days=horizons_days)


def composed_risk(
    conditional: Values,
    given: Values,
    plus: Values | None,
    *,
    happened: bool,
    horizons_days: tuple[int, ...],
) -> Values:
    """Compose the risk among all of the risk among those who can have the outcome.

    A risk never falls with time: later horizons are raised to the headline's, as far as they can be, and then
    earlier ones lowered to later ones. So the headline is the product itself unless the other outcome leaves
    no room for it.

    Parameters
    ----------
    conditional : ndarray of shape (..., n_horizons)
        Among those with, or without, the other outcome by each horizon.
    given : ndarray of shape (..., n_horizons)
        Risk of the other outcome.
    plus : ndarray of shape (..., n_horizons), optional
        Risk to be added.
    happened : bool
        Whether those with the other outcome are meant, or those without.
    horizons_days : tuple of int
        Headline first.

    Returns
    -------
    risk : ndarray of shape (..., n_horizons)
        At least ``plus``; with the risk of the other outcome at most 1 where those without it are meant.

    Examples
    --------
    >>> composed_risk(np.array([0.1]), np.array([0.6]), None, happened=False, horizons_days=(365,)).round(6)
    array([0.04])
    >>> risk = composed_risk(
    ...     np.array([0.10, 0.09]), np.array([0.6, 0.2]), None, happened=False, horizons_days=(365, 90)
    ... )
    >>> risk.round(6)
    array([0.04, 0.04])
    """
    parts = (None if part is None else np.moveaxis(part, -1, 0) for part in (conditional, given, plus))
    first, of_given, of_plus = parts
    assert first is not None
    assert of_given is not None
    risk = compose_horizons(first, of_given, of_plus, happened=happened, horizons_days=horizons_days)
    return np.moveaxis(risk, 0, -1)


def compose_horizons(
    conditional: Values,
    given: Values,
    plus: Values | None,
    *,
    happened: bool,
    horizons_days: tuple[int, ...],
) -> Values:
    """Compose risks as `composed_risk` does, where horizons are the first axis: shape (n_horizons, ...)."""
    can_have = given if happened else 1.0 - given
    risk = can_have * conditional
    if plus is not None:
        risk += plus
    if len(horizons_days) == 1:
        return risk
    most = can_have if plus is None else plus + can_have
    order = np.argsort(horizons_days).tolist()
    after_headline = order[order.index(0) :]
    for earlier, later in pairwise(after_headline):
        risk[later] = np.minimum(np.maximum(risk[later], risk[earlier]), most[later])
    for later, earlier in zip(order[:0:-1], order[-2::-1], strict=True):
        risk[earlier] = np.minimum(risk[earlier], risk[later])
    return risk


def linked(models: Mapping[str, RiskModel]) -> dict[str, RiskModel]:
    """Let every composed model rest on the models of the same mapping.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome; some may rest on models that have been updated since.

    Returns
    -------
    models : dict of str to RiskModel
        In the same order.

    Raises
    ------
    KeyError
        If a model rests on an outcome that is not among them.
    """
    done: dict[str, RiskModel] = {}

    def link(name: str) -> RiskModel:
        if name not in done:
            model = models[name]
            parts = model.composition
            if parts is not None:
                plus = link(parts.plus.outcome) if parts.plus is not None else None
                model = replace(
                    model, composition=Composition(link(parts.given.outcome), parts.happened, plus)
                )
            done[name] = model
        return done[name]

    return {name: link(name) for name in models}


def _at(horizons_days: tuple[int, ...], model: RiskModel, risk: Values) -> Values:
    """Pick the horizons of another model's risks."""
    return risk[..., [model.horizons_days.index(days) for days in horizons_days]]
