"""What the service answers from: made once where it starts, and shared by all of its workers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from serving.answers.card import ModelCard, model_card
from serving.answers.scorer import Scorer
from serving.http.identity_door import environment_admission
from serving.http.openapi import interface
from serving.http.own_words import OwnPages, own_pages_of_environment
from serving.model.released_bundle import cautions_of, served_bundle, verified_bundle

log = logging.getLogger("cart_outcomes.release")


@dataclass(frozen=True)
class ServedModel:
    """A model and the documents about it.

    Attributes
    ----------
    scorer : Scorer
    card : ModelCard
    own_pages : OwnPages
        What the center says on the pages.
    interface : dict
        OpenAPI description.
    """

    scorer: Scorer = field(repr=False)
    card: ModelCard = field(repr=False)
    own_pages: OwnPages = field(repr=False)
    interface: dict[str, Any] = field(repr=False)


def load_served_model(openapi: dict[str, Any]) -> ServedModel:
    """Read and verify the bundle that is served, and prepare answers and documents.

    Parameters
    ----------
    openapi : dict
        The interface as BentoML describes it.

    Returns
    -------
    model : ServedModel
        What could not be verified of it is in the log.

    Raises
    ------
    BundleError
        If nothing is released, or the bundle is refused.
    OwnWordsError
        If the center's words cannot be used.
    SettingsError
        If the settings by which callers are known cannot be used.
    """
    folder = served_bundle()
    bundle = verified_bundle(folder)
    model = ServedModel(
        scorer=Scorer(bundle),
        card=model_card(bundle),
        own_pages=own_pages_of_environment(),
        interface=interface(openapi, version=bundle.version_name, admission=environment_admission()),
    )
    for caution in cautions_of(folder, bundle):
        log.warning("%s", caution)
    return model
