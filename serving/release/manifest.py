"""The manifest of a release: what is released, by whom, when, why, and after which release.

``manifest.json`` lies in the folder of the release and lists the SHA-256 of every other file there;
``signature.json`` beside it signs its exact bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from serving.model.model_files import sha256
from serving.model.release_file import MANIFEST_FILE, SIGNATURE_FILE
from serving.release.signature import SignatureError

OUTSIDE = frozenset({MANIFEST_FILE, SIGNATURE_FILE})
"""Files that a manifest does not list: itself and its signature."""

LONGEST_TEXT = 500

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
OneLine = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]
"""Text that a person wrote, on one line and without control characters."""


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class GateResult(_Stated):
    """What the checks of `promote` said.

    Attributes
    ----------
    result : str
        ``passed``, or ``forced`` where checks failed.
    forced : str
        Why it was released despite failed checks; empty if all passed.
    reasons : list of str
        The failed checks.
    """

    result: Literal["passed", "forced"]
    forced: OneLine = ""
    reasons: list[str] = Field(default_factory=list)


class Manifest(_Stated):
    """What a release states.

    Attributes
    ----------
    format : int
        Of the manifest.
    stored : str
        Name of its folder in BentoML's store: unique, so that each release has one.
    version : str
        Number in the registry.
    bundle_digest, release_digest : str
        Of the bundle, and of all its files.
    promoted_by, promoted_at : str
        Account or name, and time in UTC.
    why : str
        Reason of the release; may be empty.
    gate : GateResult
    parent : str
        Digest of the manifest of the release before; empty for the first of a log.
    files : dict of str to str
        SHA-256 of every other file of the folder.
    """

    format: Literal[1] = 1
    stored: str
    version: str
    bundle_digest: Digest
    release_digest: str
    promoted_by: OneLine
    promoted_at: str
    why: OneLine = ""
    gate: GateResult
    parent: str = ""
    files: dict[str, str]

    def written(self) -> bytes:
        """Write the manifest as its file holds it."""
        return (json.dumps(self.model_dump(), indent=1, ensure_ascii=False) + "\n").encode()


def manifest_digest(raw: bytes) -> str:
    """Digest the exact bytes of a manifest.

    Examples
    --------
    >>> manifest_digest(b"")[:15]
    'sha256:e3b0c442'
    """
    return f"sha256:{sha256(raw)}"


def read_manifest(raw: bytes, file: Path) -> Manifest:
    """Read a manifest.

    Parameters
    ----------
    raw : bytes
        Content of the file.
    file : Path
        Named in the message.

    Raises
    ------
    SignatureError
        If it is no manifest of this format.
    """
    try:
        return Manifest.model_validate_json(raw)
    except ValidationError:
        message = f"{file} is no release manifest of format 1; release the model again: cart-outcomes promote"
        raise SignatureError(message) from None
