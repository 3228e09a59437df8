"""The fitted model of one outcome and its arithmetic: risks, contributions and intervals.

    logit F(h_k | x) = reference_k + sum of contributions(x)

The linear part contributes coefficient x (term - centre), the trees their exact TreeSHAP values less the
training mean. The risk is computed from these sums, so what is explained is what is shown. Where only some
can have the outcome, the sums give the risk among those, and `composed_risk` the risk among all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from features.columns import Columns, Values
from features.log_odds import expit
from serving.model.composed_risk import Composition
from serving.model.explanation import Explanation
from serving.model.field_use import FieldReading, model_readings
from serving.model.interval_ends import interval_ends
from serving.model.linear_part import LinearPart
from serving.model.replicates import Replicates, ReplicateTerms
from serving.model.trees import TreePart
from serving.model.without_sources import SourceMoves, WithoutSource


@dataclass(frozen=True)
class RiskModel:
    """One outcome's fitted model.

    Attributes
    ----------
    outcome, method : str
        Entry of `OUTCOMES`; name of the learner that fitted it.
    horizons_days : tuple of int
        In the outcome's order, headline first.
    reference : ndarray of shape (n_horizons,)
        Log-odds of the reference patient at each horizon.
    linear : LinearPart, optional
    trees : TreePart, optional
    replicates : Replicates, optional
        Without them there is no interval.
    evidence_weight : float
        How far the model follows the literature, 0 to 1.
    without_sources : tuple of WithoutSource
        The linear part without each published source; empty for models without a prior from publications, for
        updated models, and for models of earlier versions.
    composition : Composition, optional
        What else the risk is composed of, where the model is of those who can have the outcome.
    """

    outcome: str
    method: str
    horizons_days: tuple[int, ...]
    reference: Values
    linear: LinearPart | None = None
    trees: TreePart | None = None
    replicates: Replicates | None = None
    evidence_weight: float = 0.0
    without_sources: tuple[WithoutSource, ...] = ()
    composition: Composition | None = None

    @property
    def parts(self) -> tuple[RiskModel, ...]:
        """The models that its risk is composed of, beside itself."""
        return self.composition.models if self.composition is not None else ()

    @property
    def same_for_all(self) -> bool:
        """Whether no field moves the risk: no term, and trees that never split."""
        constant = self.linear is None and (self.trees is None or self.trees.never_split)
        return constant and all(part.same_for_all for part in self.parts)

    def composed_of(self, composition: Composition | None) -> RiskModel:
        """Compose the risk with those of other models, at the horizons that all of them have.

        A model with published evidence has every horizon of its outcome; one that is fitted to patients alone
        has those to which the cohort is followed.

        Parameters
        ----------
        composition : Composition or None
            None leaves the model as it is.
        """
        if composition is None:
            return self
        shared = set(self.horizons_days).intersection(*(part.horizons_days for part in composition.models))
        kept = [at for at, days in enumerate(self.horizons_days) if days in shared]
        drawn, without = self.replicates, self.without_sources
        return replace(
            self,
            horizons_days=tuple(self.horizons_days[at] for at in kept),
            reference=self.reference[kept],
            replicates=drawn and replace(drawn, intercepts=drawn.intercepts[:, kept]),
            without_sources=tuple(replace(each, reference=each.reference[kept]) for each in without),
            composition=composition,
        )

    def explain(self, patients: Columns) -> Explanation:
        """State the contribution of every field to the log-odds of the risk among those who can have it.

        Parameters
        ----------
        patients : Columns of `Patient`

        Returns
        -------
        explanation : Explanation
            Fields in the order of the terms, then of the columns of the trees.
        """
        blocks = [np.zeros((len(patients), 0))]
        published = [np.zeros((len(patients), 0))]
        without = None
        if self.linear is not None:
            centered = self.linear.centered(patients)
            blocks.append(centered * self.linear.coefficients)
            published = [centered * self.linear.published]
            without = self._source_moves.log_odds(centered) if self._source_moves is not None else None
        if self.trees is not None:
            blocks.append(self.trees.contributions(patients))
            published.append(np.zeros_like(blocks[-1]))
        fields, belongs = self._rows
        return Explanation(
            reference=self.reference,
            fields=fields,
            contributions=_sums(np.column_stack(blocks), belongs),
            published=_sums(np.column_stack(published), belongs),
            published_terms=published[0],
            without_moves=without,
        )

    def log_odds(self, patients: Columns) -> Values:
        """Add the contributions to the reference: shape (n_infusions, n_horizons)."""
        return self.explain(patients).log_odds

    def risk(self, patients: Columns) -> Values:
        """Cumulative incidence at each horizon: shape (n_infusions, n_horizons), in (0, 1)."""
        conditional = self.explain(patients).risk
        return self.composed(conditional, lambda part: part.risk(patients))

    def composed(self, conditional: Values, risks: Callable[[RiskModel], Values]) -> Values:
        """Compose the risk among all of that among those who can have the outcome.

        Parameters
        ----------
        conditional : ndarray of shape (..., n_horizons)
        risks : callable
            Gives the risks of one of `parts`, at its own horizons.

        Returns
        -------
        risk : ndarray of shape (..., n_horizons)
            The same where everybody can have it.
        """
        if self.composition is None:
            return conditional
        return self.composition.composed(conditional, self.horizons_days, risks)

    def risk_by(self, patients: Columns, horizons_days: tuple[int, ...]) -> Values:
        """Cumulative incidence at horizons of the model, in the order asked for."""
        return self.risk(patients)[:, [self.horizons_days.index(days) for days in horizons_days]]

    def replicate_risks(self, patients: Columns, replicate_log_odds: Values | None = None) -> Values:
        """Risks of every replicate: shape (n_infusions, n_replicates, n_horizons).

        A missing input of the linear part is drawn given disease burden, another value in each replicate, so
        that not knowing it widens the interval; the trees see it as missing. Replicates of a composed risk
        are composed one by one.

        Raises
        ------
        ValueError
            If the model has no replicates.
        """
        known = replicate_log_odds
        shared = self.replicate_log_odds(patients) if known is None else known
        assert self.replicates is not None
        own = expit(self.replicates.intercepts[None] + shared[:, :, None])
        return self.composed(own, lambda part: part.replicate_risks(patients))

    def replicate_log_odds(self, patients: Columns) -> Values:
        """Add up what moves every replicate from its intercepts: shape (n_infusions, n_replicates).

        Raises
        ------
        ValueError
            If the model has no replicates.
        """
        if self.replicates is None:
            message = f"the {self.method} model of {self.outcome} has no replicates, so no interval"
            raise ValueError(message)
        shared = np.zeros((len(patients), len(self.replicates)))
        if self.replicate_terms is not None:
            shared = shared + self.replicate_terms.log_odds(patients)
        if self.replicates.forest is not None:
            shared = shared + self.replicates.forest.margins(patients)
        return shared

    def interval(
        self, patients: Columns, *, risk: Values | None = None, replicate_log_odds: Values | None = None
    ) -> tuple[Values, Values]:
        """State the uncertainty of the risk.

        Parameters
        ----------
        patients : Columns of `Patient`
        risk : ndarray of shape (n_infusions, n_horizons), optional
            Their risk where it is known already; computed otherwise.
        replicate_log_odds : ndarray of shape (n_infusions, n_replicates), optional
            As the method of this name returns it, where it is known already; computed otherwise.

        Returns
        -------
        low, high : ndarray of shape (n_infusions, n_horizons)
            Ends of the 90 % interval: percentiles of the replicates' risks, stretched to the risk itself
            where it lies outside.
        """
        risk = self.risk(patients) if risk is None else risk
        return stretched_percentiles(self.replicate_risks(patients, replicate_log_odds), risk)

    @cached_property
    def replicate_terms(self) -> ReplicateTerms | None:
        """The linear parts of all replicates, prepared once; None without a linear part or replicates."""
        if self.linear is None or self.replicates is None:
            return None
        return ReplicateTerms(self.linear, self.replicates)

    @cached_property
    def readings(self) -> tuple[FieldReading, ...]:
        """Every place of the model, or of what it is composed of, that reads a field; see `field_use`."""
        own = model_readings(self.linear, self.trees, self.replicates)
        return (*own, *(reading for part in self.parts for reading in part.readings))

    @cached_property
    def _source_moves(self) -> SourceMoves | None:
        """What every source moves, prepared once."""
        if self.linear is None or not self.without_sources:
            return None
        return SourceMoves(self.reference, self.linear.coefficients, self.without_sources)

    @cached_property
    def _rows(self) -> tuple[tuple[str, ...], Values]:
        """Rows of the explanation, and which part of the sum belongs to which."""
        parents = [] if self.linear is None else list(self.linear.parents)
        parents += [] if self.trees is None else [column.field for column in self.trees.columns]
        fields = tuple(dict.fromkeys(parents))
        belongs = np.array([[parent == field for field in fields] for parent in parents], dtype=float)
        return fields, belongs.reshape(len(parents), len(fields))


def all_models(model: RiskModel) -> list[RiskModel]:
    """List a model and all that it is composed of."""
    return [model, *(each for part in model.parts for each in all_models(part))]


def stretched_percentiles(replicate_risks: Values, risk: Values) -> tuple[Values, Values]:
    """State the 90 % interval of risks, stretched to the risk itself where it lies outside.

    Parameters
    ----------
    replicate_risks : ndarray of shape (n_infusions, n_replicates, ...)
    risk : ndarray of shape (n_infusions, ...)

    Returns
    -------
    low, high : ndarray of shape (n_infusions, ...)

    Examples
    --------
    >>> low, high = stretched_percentiles(np.array([[0.1, 0.2, 0.3]]), np.array([0.5]))
    >>> low.round(2), high.round(2)
    (array([0.11]), array([0.5]))
    """
    return interval_ends(np.moveaxis(replicate_risks, 1, -1), risk)


def _sums(parts: Values, belongs: Values) -> Values:
    """Add the parts of each field; written so that one row and a batch agree to the last bit."""
    summed: Values = np.einsum("nj,jf->nf", parts, belongs, optimize=False)
    return summed
