"""The learners of this project that are measured, and candidates that may replace one.

A candidate is named on the command line as ``name=module:attribute``. The attribute is a learner, or is
called with the evidence and returns one: a class like `training.learners.anchored.Anchored`, or a function.
Every learner of this file has the same cohorts and the same source of draws, so that differences are
differences of the learners.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any
from unittest.mock import patch

import numpy as np

from training.dataset.training_set import TrainingSet
from training.evidence.evidence_set import read_evidence
from training.learners.learner import Learner, learners

OWN_LEARNERS = ("anchored", "ridge")
"""Measured by default. The evidence alone is a peer."""

Variants = tuple[tuple[str, str], ...]
"""Names of candidates, each with ``module:attribute``."""


@cache
def own_learners(variants: Variants = ()) -> Mapping[str, Learner]:
    """Make the learners by name, candidates after those of the project.

    Parameters
    ----------
    variants : tuple of (str, str)
        From `parse_variant`.

    Raises
    ------
    ValueError
        If a candidate has the name of a learner of the project, or there is no such attribute.

    Examples
    --------
    >>> made = own_learners((("again", "training.learners.anchored:Anchored"),))
    >>> list(made)
    ['anchored', 'ridge', 'again']
    """
    made = learners(read_evidence())
    own = {name: made[name] for name in OWN_LEARNERS}
    for name, address in variants:
        if name in own:
            message = f"{name} is a learner already; give the candidate another name"
            raise ValueError(message)
        own[name] = _candidate(address)
    return own


def parse_variant(text: str) -> tuple[str, str]:
    """Split ``name=module:attribute``.

    Raises
    ------
    ValueError
        If a part is missing.

    Examples
    --------
    >>> parse_variant("wide=tests.candidates:wide")
    ('wide', 'tests.candidates:wide')
    """
    name, _, address = text.partition("=")
    module, _, attribute = address.partition(":")
    if not (name and module and attribute):
        message = f"{text} is not name=module:attribute"
        raise ValueError(message)
    return name, address


def recorded_name(name: str, *, linear_only: bool) -> str:
    """Name a learner in the results: without trees it is another one.

    Examples
    --------
    >>> recorded_name("anchored", linear_only=True)
    'anchored_linear'
    """
    return f"{name}_linear" if linear_only else name


class LinearOnly:
    """A learner of whom only the linear part is fitted: no residual tree is looked for.

    Parameters
    ----------
    learner : Learner
        Any that chooses its trees as `training.learners.anchored` does; others stay as they are.
    """

    def __init__(self, learner: Learner) -> None:
        self._learner = learner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._learner, name)

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> Any:
        """Choose without trees."""
        with _without_trees():
            return self._learner.choose(training, rng)


@contextmanager
def _without_trees() -> Iterator[None]:
    with patch("training.learners.anchored.worth_looking", lambda training: False):
        yield


def _candidate(address: str) -> Learner:
    module, _, attribute = address.partition(":")
    try:
        made = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        message = f"no candidate at {address}: {error}"
        raise ValueError(message) from error
    # A class has the methods of its instances, so a learner is what is not itself to be called.
    learner: Learner = made(read_evidence()) if callable(made) else made
    return learner
