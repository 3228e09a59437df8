"""Where the released bundle lies: a folder named by the environment, or BentoML's model store."""

from __future__ import annotations

import os
from pathlib import Path

import bentoml
from bentoml.exceptions import NotFound

from serving.model_format import BundleError

MODEL_NAME = "cart_outcomes"
"""Name of the bundle in BentoML's model store; ``cart_outcomes:latest`` is the release."""

BUNDLE_VARIABLE = "CART_OUTCOMES_BUNDLE"
"""Environment variable that names a bundle folder to serve in place of the release."""


def served_bundle() -> Path:
    """Find the bundle folder to serve.

    Returns
    -------
    folder : Path
        What `BUNDLE_VARIABLE` names, else the release.

    Raises
    ------
    BundleError
        If nothing is named and nothing released.
    """
    named = os.environ.get(BUNDLE_VARIABLE)
    return Path(named) if named else released_bundle()


def released_bundle() -> Path:
    """Find the folder of the latest release.

    Raises
    ------
    BundleError
        If nothing was released yet.
    """
    try:
        return Path(bentoml.models.get(f"{MODEL_NAME}:latest").path)
    except NotFound:
        message = (
            "no model is released yet; release one with `cart-outcomes promote`, "
            "or name a bundle folder: `cart-outcomes serve --bundle DIR`"
        )
        raise BundleError(message) from None
