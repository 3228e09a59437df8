"""The models of a bundle, ready for patients: all in one pass where they are alike, else one by one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from features.columns import Columns
from serving.model.evaluated import Evaluated, evaluated_one_by_one
from serving.model.model_stack import ModelStack
from serving.model.outcome_risks import OutcomeRisks
from serving.model.risk_model import RiskModel
from serving.model.stacked_terms import stackable


class Evaluator:
    """Evaluates models; the service, `score` and a registered version answer through it.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome, with all that they are composed of.
    """

    def __init__(self, models: Mapping[str, RiskModel]) -> None:
        self.models = models

    def risks(self, patients: Columns, *, replicates: bool = False) -> dict[str, OutcomeRisks]:
        """Compute risks, intervals and contributions of every outcome.

        Parameters
        ----------
        patients : Columns of `Patient`
            As `features.predictors.predictors` makes them.
        replicates : bool
            Whether to keep the risk by each replicate, which takes hundreds of times the memory.

        Returns
        -------
        risks : dict of str to OutcomeRisks
            By outcome.
        """
        return self.evaluate(patients, replicates=replicates).risks

    def evaluate(
        self, patients: Columns, *, near: int = 0, narrower: bool = False, replicates: bool = True
    ) -> Evaluated:
        """Compute what `serving.model.model_stack.ModelStack.evaluate` does, for models of any kind."""
        if self._stack is None:
            return evaluated_one_by_one(self.models, patients, near=near, narrower=narrower)
        return self._stack.evaluate(patients, near=near, narrower=narrower, replicates=replicates)

    @cached_property
    def _stack(self) -> ModelStack | None:
        """All models in one, where they are alike enough."""
        return ModelStack(self.models) if stackable(list(self.models.values())) else None
