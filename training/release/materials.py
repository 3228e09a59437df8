"""The software bill of materials of a release: the packages of the image, and the model.

CycloneDX 1.6 as JSON. It lies beside the manifest, which signs it, and every Bento packs it with the model.
The same release has the same bill: its serial number comes from the release, its time is that of the release.

References
----------
CycloneDX 1.6: ECMA-424.
"""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from features.project_files import PROJECT
from serving.model.bundle import Bundle
from serving.release.sealed_files import file_digests

SOFTWARE, MODEL = "cart-outcomes", "cart-outcomes-model"
LOCKED_PACKAGES = PROJECT / "serving" / "image" / "requirements.txt"
"""Of the image, each with its hashes; an installed wheel does not have the file and lists no packages."""

_LOCKED = re.compile(r"^([a-z0-9._-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)", re.MULTILINE)
_SERIAL_NUMBERS = uuid.UUID("b0c4c3f6-5c7e-4f0c-9b55-0d5d3a0e4b6a")
"""Namespace of our serial numbers: a random one, for ever."""
_LONGEST_LICENSE = 80
"""Some packages state the whole text of their license in place of its name."""


def bill_of_materials(folder: Path, bundle: Bundle, *, name: str, now: datetime) -> bytes:
    """Write the bill of materials of a release.

    Parameters
    ----------
    folder : Path
        The prepared release.
    bundle : Bundle
        What it holds.
    name : str
        Of its folder in the store, which no other release has.
    now : datetime
        Time of the release, in UTC.

    Returns
    -------
    raw : bytes
        JSON. It names no file of the machine, and no host.
    """
    software = Component(
        name=SOFTWARE,
        type=ComponentType.APPLICATION,
        version=_version(SOFTWARE),
        bom_ref=SOFTWARE,
        licenses=[_license("Apache-2.0")],
    )
    bom = Bom(
        serial_number=uuid.uuid5(_SERIAL_NUMBERS, f"{name} {bundle.release_digest}"),
        metadata=BomMetaData(component=software, timestamp=now.replace(microsecond=0)),
        components=[_model(folder, bundle), *_packages()],
    )
    bom.register_dependency(software, bom.components)
    # Written again, so that its spelling does not depend on the library.
    return (json.dumps(json.loads(JsonV1Dot6(bom).output_as_string()), indent=1) + "\n").encode()


def _model(folder: Path, bundle: Bundle) -> Component:
    digests = {"bundle_digest": bundle.digest, "release_digest": bundle.release_digest}
    return Component(
        name=MODEL,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        version=bundle.version_name,
        bom_ref=MODEL,
        hashes=[_sha256(bundle.digest.removeprefix("sha256:"))],
        # The card that the service itself answers with.
        external_references=[ExternalReference(type=ExternalReferenceType.MODEL_CARD, url=XsUri("/model"))],
        properties=[Property(name=f"{SOFTWARE}:{key}", value=value) for key, value in digests.items()],
        components=[
            Component(name=file, type=ComponentType.FILE, bom_ref=f"{MODEL}/{file}", hashes=[_sha256(digest)])
            for file, digest in file_digests(folder).items()
        ],
    )


@cache
def _packages() -> tuple[Component, ...]:
    """List the locked packages of the image, licenses as their installed metadata state them."""
    text = LOCKED_PACKAGES.read_text(encoding="utf-8") if LOCKED_PACKAGES.is_file() else ""
    return tuple(_package(*stated) for stated in _LOCKED.findall(text))


def _package(name: str, version: str, hashes: str) -> Component:
    purl = PackageURL("pypi", None, name, version)
    # One of these files is installed, by the platform of the image.
    files = [_sha256(digest) for digest in re.findall(r"sha256:([0-9a-f]{64})", hashes)]
    distribution = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION, url=XsUri(purl.to_string()), hashes=files
    )
    return Component(
        name=name,
        version=version,
        bom_ref=purl.to_string(),
        purl=purl,
        licenses=_licenses(name, version),
        external_references=[distribution],
    )


def _licenses(name: str, version: str) -> list[License]:
    """Read the license of a package, where the locked version is installed."""
    if _version(name) != version:
        return []
    stated = metadata.metadata(name)
    classifiers = stated.get_all("Classifier", [])
    named = [
        *stated.get_all("License-Expression", []),
        *stated.get_all("License", []),
        *(line.split(" :: ")[-1] for line in classifiers if line.startswith("License ::")),
    ]
    short = [text for text in named if 0 < len(text) < _LONGEST_LICENSE and "\n" not in text]
    return [_license(short[0])] if short else []


def _license(text: str) -> License:
    return LicenseFactory().make_from_string(text)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _sha256(digest: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)
