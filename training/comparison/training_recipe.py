"""The settings of a registered version, from its run: enough to repeat its cross-validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from features.outcome import Estimand
from training.dataset.fit_config import TUNED, EvidenceChoice, FitConfig

NONE = "none"
"""Value of a setting that was not given."""


@dataclass(frozen=True)
class Recipe:
    """The settings of a training.

    Attributes
    ----------
    config : FitConfig
        Estimand, scale allowed, seed, folds and evidence; without a site's own file.
    own_evidence : str
        Name of a site's own evidence file, which no run stores; empty if there was none.
    searched : bool
        Whether hyperparameters were tuned: repeating that cross-validation would repeat every trial.
    """

    config: FitConfig
    own_evidence: str = ""
    searched: bool = False


def recipe_of(parameters: Mapping[str, str], tags: Mapping[str, str]) -> Recipe:
    """Read a recipe from parameters and tags of a run.

    Parameters
    ----------
    parameters, tags : mapping of str to str
        What is not stated (an update has no evidence) is as by default.

    Returns
    -------
    recipe : Recipe

    Examples
    --------
    >>> recipe = recipe_of({"seed": "7", "folds": "3"}, {"evidence_excluded": "10.1/a | 10.1/b"})
    >>> recipe.config.seed, recipe.config.folds, recipe.config.evidence.excluded
    (7, 3, ('10.1/a', '10.1/b'))
    """
    plain = FitConfig()
    allowed, file = parameters.get("allow_grading", NONE), tags.get("evidence_file", NONE)
    excluded, home = tags.get("evidence_excluded", NONE), parameters.get("home_center", NONE)
    config = FitConfig(
        estimand=cast(Estimand, parameters.get("estimand", plain.estimand)),
        allow_grading="" if allowed == NONE else allowed,
        assume_remission=parameters.get("assume_remission", "True") == "True",
        seed=int(parameters.get("seed", plain.seed)),
        folds=int(parameters.get("folds", plain.folds)),
        repeats=int(parameters.get("repeats", plain.repeats)),
        bootstrap_draws=int(parameters.get("bootstrap_draws", plain.bootstrap_draws)),
        evidence=EvidenceChoice(
            excluded=() if excluded == NONE else tuple(excluded.split(" | ")),
            literature=tags.get("evidence_literature", "yes") == "yes",
        ),
        home_center=0 if home == NONE else int(home),
    )
    return Recipe(config, "" if file == NONE else file, TUNED in parameters.get("models", ""))
