"""Files that were altered: in the store of releases, in MLflow, in a folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bentoml
import mlflow
import pytest
import yaml
from starlette.testclient import TestClient
from typer.testing import CliRunner

from features.problems import Refused
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.release_file import write_release_file
from serving.model.released_bundle import BUNDLE_VARIABLE, released_bundle, verified_bundle
from tests.bundles import PATIENT
from tests.releases import (
    promoted,
)
from training.commands.app import app
from training.tracking.model_registry import registered_bundle
from training.tracking.runs import MODEL_NAME, connected
from training.tracking.store import quiet


@pytest.fixture(autouse=True)
def _from_the_start(first_released: Path) -> None:
    """Begin where the first version is released."""


def name_of(version: str) -> str:
    return read_bundle(registered_bundle(version)[1]).version_name


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def tampered(place: Path, change: Callable[[dict[str, Any]], None], *, listed: bool) -> None:
    """Change what a bundle states, and list its files again."""
    stated = json.loads((place / "bundle.json").read_text())
    change(stated)
    (place / "bundle.json").write_text(json.dumps(stated, indent=1) + "\n")
    if listed:
        write_release_file(place)


def not_synthetic(stated: dict[str, Any]) -> None:
    stated["cohort"]["synthetic"] = False


def validated(stated: dict[str, Any]) -> None:
    stated["outcomes"][0]["summary"]["status"] = "internally validated"


@pytest.mark.parametrize("listed", [False, True], ids=["altered", "listed again"])
@pytest.mark.parametrize("change", [not_synthetic, validated])
def test_an_altered_release_is_neither_served_nor_scored(
    change: Callable[[dict[str, Any]], None], listed: bool
) -> None:
    """BentoML's record holds the digests: listing the files again does not help."""
    tampered(released_bundle(), change, listed=listed)
    for command in (("serve", "--port", "1"), ("score", "c.csv", "--out", "r.csv")):
        result = run(*command)
        assert isinstance(result.exception, BundleError | Refused | SystemExit)
    with pytest.raises(BundleError):
        verified_bundle(released_bundle())


def test_altered_provenance_of_a_release_is_refused_with_the_remedy() -> None:
    """A release digest covers it."""
    place, tag = released_bundle(), bentoml.models.get("cart_outcomes:latest").tag
    (place / "provenance.json").write_text('{"version": "1", "created_at": "2030-01-01"}')
    write_release_file(place)
    with pytest.raises(BundleError) as refused:
        verified_bundle(place)
    assert str(refused.value) == (
        f"{place} does not hold the bundle that was released as {tag}: "
        "its digest is another one; release it again: cart-outcomes promote 1"
    )


def test_the_service_refuses_an_altered_release() -> None:
    """Before it answers anybody, also in an image, where there is no command line."""
    from serving.service import RiskService

    tampered(released_bundle(), not_synthetic, listed=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(BUNDLE_VARIABLE, raising=False)
        with pytest.raises(BundleError, match="does not hold the bundle that was released"):
            RiskService.inner()


def test_answers_name_the_version_so_that_the_name_is_never_used_again() -> None:
    """Number and digits of the digest."""
    from serving.service import RiskService

    with TestClient(RiskService.to_asgi()) as client:
        assert client.post("/risk", json=PATIENT).json()["bundle"]["version"] == name_of("1")


def test_a_release_of_an_earlier_software_is_served_with_a_caution(tmp_path: Path) -> None:
    """Its record has no digest of all files; that of the bundle is compared."""
    from serving.model.released_bundle import cautions_of

    place = released_bundle()
    facts = yaml.safe_load((place / "model.yaml").read_text())
    del facts["metadata"]["release_digest"]
    (place / "model.yaml").write_text(yaml.safe_dump(facts))
    (place / "release.json").unlink()
    (caution,) = cautions_of(place, verified_bundle(place))
    assert "was released before release digests were recorded" in caution
    assert caution.endswith("Release it again: cart-outcomes promote 1")
    tampered(place, not_synthetic, listed=False)
    with pytest.raises(BundleError, match="does not hold the bundle that was released"):
        verified_bundle(place)


def test_a_bundle_folder_is_served_with_what_its_list_can_find(tmp_path: Path) -> None:
    """Accidents, not attackers."""
    from serving.model.released_bundle import cautions_of

    place = Path("one")
    assert cautions_of(place, verified_bundle(place)) == [
        "one was compared with the list of files in the folder itself: this finds accidents, not attackers. "
        "A signed release finds both (docs/security.md)"
    ]
    shutil.copytree(place, tmp_path / "bare")
    (tmp_path / "bare" / "release.json").unlink()
    (caution,) = cautions_of(tmp_path / "bare", verified_bundle(tmp_path / "bare"))
    assert caution.endswith(
        "has no list of its files, so a change would not be found. Train the model again."
    )


@pytest.mark.parametrize("raw", ["", "{", "[" * 3000, "a: " * 3000, "labels: 3", "name: x\nversion: y"])
def test_a_damaged_record_of_the_store_is_a_refusal(raw: str) -> None:
    """Whatever YAML says of it."""
    place = released_bundle()
    (place / "model.yaml").write_text(raw)
    with pytest.raises(BundleError, match=r"model.yaml is damaged \(\w+\); release the model again$"):
        verified_bundle(place)


def artifacts_of(version: str) -> Path:
    """Find the files of a registered version."""
    with connected() as client:
        source = str(client.get_model_version(MODEL_NAME, version).source).removeprefix("models:/")
    return Path("mlartifacts") / "models" / source / "artifacts" / "artifacts" / "bundle"


@pytest.mark.parametrize("listed", [False, True], ids=["altered", "listed again"])
def test_altered_files_of_a_version_are_neither_promoted_nor_reported_nor_loaded(listed: bool) -> None:
    """The version's tags hold the digests, and so does the logged model."""
    place = artifacts_of("2")
    kept = {file.name: file.read_bytes() for file in place.iterdir()}
    try:
        tampered(place, not_synthetic, listed=listed)
        for attempt in (lambda: promoted("2"), lambda: registered_bundle("2")):
            with pytest.raises(BundleError) as refused:
                attempt()
            expected = "altered in MLflow's artifact store" if listed else "bundle.json is not the file"
            assert expected in str(refused.value)
        with quiet(), pytest.MonkeyPatch.context() as patch:
            patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{Path('mlflow.db').absolute()}")
            # The version carries its own code, and so its own class of that name.
            with pytest.raises(ValueError, match=r"altered after it was logged|is not the file") as own:
                mlflow.pyfunc.load_model("models:/cart-outcomes/2")
            assert type(own.value).__name__ == "BundleError"
    finally:
        for name, raw in kept.items():
            (place / name).write_bytes(raw)
