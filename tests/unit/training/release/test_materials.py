"""The bill of materials: valid CycloneDX, the same for the same release, every package of the image."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from serving.model.read_bundle import read_bundle
from tests.packed import packages
from training.release import materials
from training.release.materials import bill_of_materials

NOW = datetime(2026, 5, 3, 12, 30, tzinfo=UTC)


def bill(folder: Path, name: str = "v1-x") -> bytes:
    return bill_of_materials(folder, read_bundle(folder), name=name, now=NOW)


@pytest.fixture
def stated(bundle_folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(bill(bundle_folder))
    return read


def test_it_is_valid(bundle_folder: Path) -> None:
    """By the schema that the library ships, every key known."""
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill(bundle_folder).decode()) is None


def test_the_same_release_has_the_same_bill(bundle_folder: Path) -> None:
    """Byte for byte, and another release another serial number."""
    first, again, other = bill(bundle_folder), bill(bundle_folder), bill(bundle_folder, "v1-y")
    assert first == again
    assert json.loads(first)["metadata"]["timestamp"] == "2026-05-03T12:30:00+00:00"
    assert json.loads(first)["serialNumber"] != json.loads(other)["serialNumber"]


def test_every_package_of_the_image_is_listed(stated: dict[str, Any]) -> None:
    """With version, hashes and license."""
    libraries = {part["name"]: part for part in stated["components"] if part["type"] == "library"}
    assert sorted(libraries) == packages()
    numpy = libraries["numpy"]
    assert numpy["purl"] == f"pkg:pypi/numpy@{numpy['version']}"
    (files,) = numpy["externalReferences"]
    assert files["type"] == "distribution"
    assert {each["alg"] for each in files["hashes"]} == {"SHA-256"}
    assert all(part["externalReferences"][0]["hashes"] for part in libraries.values())
    assert libraries["bentoml"]["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert [name for name, part in libraries.items() if not part.get("licenses")] == []


def test_the_model_is_a_component(stated: dict[str, Any], bundle_folder: Path) -> None:
    """With its digests, its files and its card."""
    bundle = read_bundle(bundle_folder)
    (model,) = [part for part in stated["components"] if part["type"] == "machine-learning-model"]
    assert model["version"] == bundle.version_name
    assert [f"sha256:{each['content']}" for each in model["hashes"]] == [bundle.digest]
    assert {part["name"] for part in model["components"]} == {file.name for file in bundle_folder.iterdir()}
    assert model["externalReferences"] == [{"type": "model-card", "url": "/model"}]
    (software,) = [each for each in stated["dependencies"] if each["ref"] == "cart-outcomes"]
    assert len(software["dependsOn"]) == len(stated["components"])


def test_it_names_no_host_and_no_folder(bundle_folder: Path) -> None:
    """Where packages come from is decided where the image is built."""
    text = bill(bundle_folder).decode().replace(json.loads(bill(bundle_folder))["$schema"], "")
    assert "://" not in text
    assert str(bundle_folder.parent) not in text


def test_without_the_list_of_packages_the_model_is_listed(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in an installed wheel, from which no image is built."""
    materials._packages.cache_clear()
    monkeypatch.setattr(materials, "LOCKED_PACKAGES", bundle_folder / "none")
    stated = json.loads(bill(bundle_folder))
    materials._packages.cache_clear()
    assert [part["type"] for part in stated["components"]] == ["machine-learning-model"]


def test_the_license_of_another_version_is_not_stated() -> None:
    """Only what is installed can be read."""
    assert materials._licenses("numpy", "0.0.1") == []
    assert materials._licenses("no-such-package", "1") == []
