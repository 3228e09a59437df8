"""Reading a JSON object from a folder that somebody may have altered: a refusal, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from serving.model.bundle_error import BundleError


def json_object(raw: bytes, file: Path) -> dict[str, Any]:
    """Read the JSON object in a file of a bundle or a release.

    Parameters
    ----------
    raw : bytes
        Content of the file.
    file : Path
        Named in the message.

    Returns
    -------
    stated : dict of str to Any

    Raises
    ------
    BundleError
        If the content is not JSON, is nested too deeply to be read, or is not an object.

    Examples
    --------
    >>> json_object(b'{"format": 3}', Path("bundle.json"))
    {'format': 3}
    >>> json_object(b"[" * 100_000, Path("bundle.json"))
    Traceback (most recent call last):
        ...
    serving.model.bundle_error.BundleError: bundle.json is nested too deeply; the bundle is damaged, \
restore it or train again
    """
    try:
        stated = json.loads(raw)
    except RecursionError:
        message = f"{file} is nested too deeply; the bundle is damaged, restore it or train again"
        raise BundleError(message) from None
    except ValueError as error:
        message = f"{file} is not JSON; the bundle is damaged, restore it or train again"
        raise BundleError(message) from error
    if not isinstance(stated, dict):
        message = f"{file} is not a JSON object; the bundle is damaged, restore it or train again"
        raise BundleError(message)
    return stated


def json_texts(raw: bytes, file: Path) -> dict[str, str]:
    """Read a JSON object whose values are texts or numbers.

    Raises
    ------
    BundleError
        If it is no such object.

    Examples
    --------
    >>> json_texts(b'{"version": 3}', Path("provenance.json"))
    {'version': '3'}
    >>> json_texts(b'{"version": [3]}', Path("provenance.json"))
    Traceback (most recent call last):
        ...
    serving.model.bundle_error.BundleError: provenance.json has a value that is no text; the bundle is \
damaged, restore it or train again
    """
    stated = json_object(raw, file)
    if not all(isinstance(value, str | int | float) for value in stated.values()):
        message = f"{file} has a value that is no text; the bundle is damaged, restore it or train again"
        raise BundleError(message)
    return {key: str(value) for key, value in stated.items()}
