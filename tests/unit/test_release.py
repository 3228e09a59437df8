"""Releases in BentoML's store: the latest is served, whatever its version."""

from __future__ import annotations

from pathlib import Path

import bentoml
import pytest

from serving.bundle import read_bundle
from serving.model_format import BundleError
from serving.store import BUNDLE_VARIABLE, served_bundle
from training.release import released_bundle, store_bundle


@pytest.fixture(autouse=True)
def _empty_store() -> None:
    """Leave the tests' own store as it is before the first release."""
    for model in bentoml.models.list():
        bentoml.models.delete(model.tag)


def test_a_release_is_the_bundle(bundle_folder: Path) -> None:
    """The same digest, and labels that say what it is without reading it."""
    tag = store_bundle(bundle_folder, "7")
    assert read_bundle(released_bundle()).digest == read_bundle(bundle_folder).digest
    info = bentoml.models.get(tag).info
    assert info.labels == {"version": "7", "synthetic": "true"}
    assert info.metadata["digest"] == read_bundle(bundle_folder).digest


def test_an_old_version_can_be_released_again(bundle_folder: Path) -> None:
    """Under a fresh tag, so that it is the latest again."""
    first, second, again = (store_bundle(bundle_folder, version) for version in ("1", "2", "1"))
    assert len({first, second, again}) == 3
    assert released_bundle() == Path(bentoml.models.get(again).path)


def test_without_a_release_the_message_says_what_to_do() -> None:
    """Release one, or name a folder."""
    with pytest.raises(BundleError) as caught:
        released_bundle()
    assert str(caught.value) == (
        "no model is released yet; release one with `cart-outcomes promote`, "
        "or name a bundle folder: `cart-outcomes serve --bundle DIR`"
    )


def test_a_damaged_bundle_is_not_released(bundle_folder: Path) -> None:
    """Nothing is stored."""
    (bundle_folder / "relapse.trees.ubj").write_bytes(b"")
    with pytest.raises(BundleError):
        store_bundle(bundle_folder, "1")
    assert bentoml.models.list() == []


def test_the_environment_names_another_bundle(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For trying one before it is released."""
    monkeypatch.setenv(BUNDLE_VARIABLE, str(bundle_folder))
    assert served_bundle() == bundle_folder
