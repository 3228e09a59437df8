"""Releases in BentoML's store: the latest is served, whatever its version."""

from __future__ import annotations

from pathlib import Path

import bentoml
import pytest
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml.exceptions import NotFound

from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import BUNDLE_VARIABLE, LATEST, model_folder, served_bundle
from training.release.bento_store import (
    move_into_store,
    point_at,
    prepare,
    released_bundle,
    store_bundle,
    tag_of,
)


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


def test_what_bentoml_takes_for_the_latest_is_the_release(bundle_folder: Path) -> None:
    """So that `bentoml build` packs it; one that is prepared, or in the store, is not the release yet."""
    first = store_bundle(bundle_folder, "1")
    name = prepare(bundle_folder, "2")
    assert [str(model.tag) for model in bentoml.models.list()] == [first]
    move_into_store(name)
    assert len(bentoml.models.list()) == 2
    assert str(bentoml.models.get("cart_outcomes:latest").tag) == first
    assert released_bundle() == Path(bentoml.models.get(first).path)
    point_at(name)
    assert str(bentoml.models.get("cart_outcomes:latest").tag) == tag_of(name)
    assert released_bundle() == Path(bentoml.models.get(tag_of(name)).path)


def test_before_the_first_release_nothing_is_the_latest_until_it_is_whole(bundle_folder: Path) -> None:
    """BentoML would take the newest in the store, so the bundle comes into it in one step, as the last."""
    name = prepare(bundle_folder, "1")
    with pytest.raises(NotFound):
        bentoml.models.get("cart_outcomes:latest")
    model_folder().mkdir(parents=True, exist_ok=True)
    point_at(name)
    with pytest.raises(BundleError, match=r"^no model is released yet"):
        released_bundle()
    move_into_store(name)
    assert released_bundle() == model_folder() / name
    assert str(bentoml.models.get("cart_outcomes:latest").tag) == tag_of(name)


@pytest.mark.parametrize("pointer", ["", "..", "../models", "/etc", "v1-none", "\n", "\x00"])
def test_a_pointer_that_names_no_release_is_none(bundle_folder: Path, pointer: str) -> None:
    """No path gets in by it, and nothing is guessed."""
    store_bundle(bundle_folder, "1")
    (model_folder() / "latest").write_text(pointer)
    with pytest.raises(BundleError, match=r"^no model is released yet"):
        released_bundle()
    (model_folder() / "latest").write_bytes(b"\xff")
    with pytest.raises(BundleError, match=r"^no model is released yet"):
        released_bundle()


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
        "or name a bundle folder with --bundle DIR"
    )


def test_a_release_without_its_record_is_damaged_and_not_absent(bundle_folder: Path) -> None:
    """Without BentoML's record there is nothing to compare its files with."""
    store_bundle(bundle_folder, "1")
    folder = released_bundle()
    record = (folder / "model.yaml").read_bytes()
    (folder / "model.yaml").unlink()
    with pytest.raises(BundleError) as caught:
        released_bundle()
    (folder / "model.yaml").write_bytes(record)
    assert str(caught.value) == (
        f"the release {folder} is damaged: model.yaml is missing, so its files cannot be verified. "
        "Release the model again: cart-outcomes promote"
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


def test_a_bento_serves_the_bundle_that_it_was_built_with(bundle_folder: Path) -> None:
    """BentoML states it as an alias when it loads a Bento; what is released later does not matter."""
    first, second = store_bundle(bundle_folder, "1"), store_bundle(bundle_folder, "2")
    assert released_bundle() == Path(bentoml.models.get(second).path)
    BentoMLContainer.model_aliases.set({LATEST: first})
    try:
        assert released_bundle() == Path(bentoml.models.get(first).path)
    finally:
        BentoMLContainer.model_aliases.reset()
    assert released_bundle() == Path(bentoml.models.get(second).path)
