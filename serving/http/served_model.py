"""What the service answers from: one model with the documents about it, replaced as a whole by a release."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from serving.answers.card import ModelCard, model_card
from serving.answers.question import Detail, Question
from serving.answers.scorer import Scorer
from serving.http.identity_door import environment_admission
from serving.http.openapi import interface
from serving.http.openapi_security import Admission
from serving.http.own_words import OwnPages, own_pages_of_environment
from serving.http.recording import environment_shadow
from serving.http.small_counts_setting import environment_small_counts
from serving.http.web_pages import EXAMPLE
from serving.model.masked_bundle import masked_bundle
from serving.release.followed_release import FollowedRelease
from serving.release.public_keys import accepted_release_keys
from serving.release.verified_release import release_cautions, verified_release

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

    @property
    def version(self) -> str:
        """Version as answers name it."""
        return self.scorer.bundle.version_name


@dataclass(frozen=True)
class ModelLoader:
    """Loads a model; what does not depend on it was read before.

    Attributes
    ----------
    openapi : dict
        The interface as BentoML describes it.
    own_pages : OwnPages
    admission : Admission or None
        How callers are let in.
    shadow : bool
        Whether answers are recorded and not shown.
    small_counts : bool
        Whether counts of fewer than five infusions are shown.
    """

    openapi: dict[str, Any] = field(repr=False)
    own_pages: OwnPages = field(repr=False)
    admission: Admission | None
    shadow: bool = False
    small_counts: bool = False

    def __call__(self, folder: Path) -> ServedModel:
        """Read and verify a bundle, and prepare answers and documents.

        Parameters
        ----------
        folder : Path

        Returns
        -------
        model : ServedModel
            It has answered once, so that no request waits for what is made at the first answer. The log says
            what could not be verified.

        Raises
        ------
        BundleError
            If the bundle or its signature is refused.
        """
        bundle = masked_bundle(verified_release(folder), small_counts=self.small_counts)
        scorer = Scorer(bundle)
        answer_once(scorer)
        for caution in release_cautions(folder, bundle, accepted_release_keys()):
            log.warning("%s", caution)
        return ServedModel(
            scorer=scorer,
            card=model_card(bundle),
            own_pages=self.own_pages,
            interface=interface(
                self.openapi,
                version=bundle.version_name,
                admission=self.admission,
                shadow=self.shadow,
            ),
        )


def environment_release(openapi: dict[str, Any]) -> FollowedRelease[ServedModel]:
    """Load the model that is served, with what the environment sets for all models.

    Parameters
    ----------
    openapi : dict
        The interface as BentoML describes it.

    Returns
    -------
    release : FollowedRelease
        Not looked at again yet.

    Raises
    ------
    BundleError
        If nothing is released, or the bundle or its signature is refused.
    OwnWordsError
        If the center's words cannot be used.
    SmallCountsError
        If the setting that shows small counts cannot be used.
    SettingsError
        If the settings by which callers are known, or those of the record, cannot be used.
    """
    loader = ModelLoader(
        openapi,
        own_pages_of_environment(),
        environment_admission(),
        shadow=environment_shadow(),
        small_counts=environment_small_counts(),
    )
    return FollowedRelease(loader)


def answer_once(scorer: Scorer) -> None:
    """Answer for the invented patient, whole and as numbers."""
    patient = Question.model_validate(EXAMPLE).model_dump()
    for detail in get_args(Detail):
        (answered,) = scorer.answered([patient], detail=detail)
        answered.json()
