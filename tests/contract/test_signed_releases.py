"""Signed releases: what is served where keys are named, and every other release refused."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from serving.model.bundle_error import BundleError
from serving.model.released_bundle import LATEST, model_folder, pointed_at, released_bundle, stored
from serving.model.write_bundle import write_bundle
from serving.release.manifest import read_manifest
from serving.release.public_keys import RELEASE_KEYS_VARIABLE, accepted_release_keys
from serving.release.release_log import log_file, read_log
from serving.release.signature import SignatureError
from serving.release.verified_release import release_cautions, verified_release
from tests.bundles import PATIENT, make_bundle
from tests.releases import State, empty_store, linear
from tests.signing import accepting, public, released, site_key
from training.release.bento_store import release_folder
from training.release.journal import Journal, write_journal

N_CHANGES, N_CAMPAIGN = 60, 10_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Release two versions, the second with trees; both are signed."""
    folder = tmp_path_factory.mktemp("signed")
    with accepting(site_key(folder)):
        empty_store()
        write_bundle(linear(), folder / "two")
        write_bundle(make_bundle(), folder / "one")
        released(folder / "two", "2")
        forced = {"forced": "first line", "reasons": ("worse than the champion",)}
        released(folder / "one", "1", why="Board of 3 May", by="Dr. Ivanova", **forced)
        (folder / "start").mkdir()
        State(folder, folder / "start").keep_stores()
        yield folder
        empty_store()


@pytest.fixture(autouse=True)
def _from_the_start(folder: Path) -> None:
    State(folder, folder / "start").restore_stores()


def refusal(place: Path | None = None) -> str:
    place = place or released_bundle()
    with pytest.raises(BundleError) as refused:
        verified_release(place)
    return str(refused.value).replace(str(place), "FOLDER")


def test_a_signed_release_is_served() -> None:
    """By the service itself, which reads the keys of its environment; there is nothing to caution of."""
    from serving.service import RiskService

    bundle = verified_release(released_bundle())
    assert release_cautions(released_bundle(), bundle, accepted_release_keys()) == []
    with TestClient(RiskService.to_asgi()) as client:
        assert client.post("/risk", json=PATIENT).json()["bundle"]["digest"] == bundle.digest


@pytest.mark.parametrize("name", ["manifest.json", "signature.json", "bundle.json"])
def test_a_pipe_in_place_of_a_file_is_refused(name: str) -> None:
    """And not waited for."""
    (released_bundle() / name).unlink()
    os.mkfifo(released_bundle() / name)
    assert name in refusal()


def test_the_manifest_states_the_release() -> None:
    """What, by whom, when, why, with which result of the checks, after which release."""
    place = released_bundle()
    manifest = read_manifest((place / "manifest.json").read_bytes(), place)
    recorded = stored(place)
    assert recorded is not None
    assert (manifest.version, manifest.bundle_digest) == ("1", recorded.digest)
    assert manifest.release_digest == recorded.release_digest
    assert (manifest.promoted_by, manifest.why) == ("Dr. Ivanova", "Board of 3 May")
    assert (manifest.gate.result, manifest.gate.forced) == ("forced", "first line")
    assert manifest.gate.reasons == ["worse than the champion"]
    assert manifest.promoted_at.endswith("+00:00")
    earlier, last = read_log()
    assert manifest.parent == earlier.entry.manifest
    assert last.entry.stored == manifest.stored == place.name
    assert set(manifest.files) == {file.name for file in place.iterdir()} - {
        "manifest.json",
        "signature.json",
    }


def test_the_service_refuses_an_unsigned_release() -> None:
    """Before it answers anybody."""
    from serving.service import RiskService

    (released_bundle() / "signature.json").unlink()
    with pytest.raises(BundleError, match="is not signed"):
        RiskService.inner()


def test_an_unsigned_release_is_refused_with_the_remedy(folder: Path) -> None:
    """A folder that was never released has no manifest."""
    (released_bundle() / "signature.json").unlink()
    assert refusal() == (
        "FOLDER is not signed. Release the model with a key: cart-outcomes promote 1 --signing-key FILE"
    )
    assert refusal(folder / "one") == (
        "FOLDER is not signed: it has no manifest.json. Release the model with a key: "
        "cart-outcomes promote --signing-key FILE"
    )


def test_a_release_signed_by_an_unknown_key_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, so that a person can look it up."""
    signer = read_log()[-1].signature.key
    monkeypatch.setenv(RELEASE_KEYS_VARIABLE, str(public(site_key(tmp_path))))
    assert refusal().startswith(
        f"FOLDER is signed with the key {signer}, which is not accepted. Add its public"
    )


def test_keys_that_cannot_be_used_stop_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than that nothing is verified."""
    monkeypatch.setenv(RELEASE_KEYS_VARIABLE, str(tmp_path / "none"))
    assert refusal().startswith("cannot read ")


def test_files_are_listed_one_by_one(tmp_path: Path) -> None:
    """Altered, added, removed, replaced by a link."""
    place = released_bundle()
    (place / "notes.txt").write_text("x")
    assert refusal() == (
        "FOLDER/notes.txt was added after the release; release the model again: cart-outcomes promote 1"
    )
    (place / "notes.txt").unlink()
    content = (place / "sbom.cdx.json").read_bytes()
    (place / "sbom.cdx.json").write_bytes(content + b" ")
    assert refusal().startswith("FOLDER/sbom.cdx.json was altered after the release")
    (place / "sbom.cdx.json").unlink()
    assert refusal().startswith("FOLDER/sbom.cdx.json is missing after the release")
    (tmp_path / "bill").write_bytes(content)
    (place / "sbom.cdx.json").symlink_to(tmp_path / "bill")
    assert refusal() == "FOLDER holds sbom.cdx.json, which is no file of a release"


def test_a_manifest_of_another_release_is_refused() -> None:
    """A signature that is right, over other files."""
    earlier = model_folder() / read_log()[0].entry.stored
    for name in ("manifest.json", "signature.json"):
        shutil.copy(earlier / name, released_bundle() / name)
    assert "was a" in refusal()


def test_a_manifest_that_is_a_folder_is_refused() -> None:
    """Not a traceback."""
    (released_bundle() / "manifest.json").unlink()
    (released_bundle() / "manifest.json").mkdir()
    assert refusal() == "FOLDER/manifest.json cannot be read (Is a directory)"


def test_files_exchanged_while_they_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was computed from is compared with the manifest once more."""
    monkeypatch.setattr(
        "serving.release.verified_release.verified_bundle", lambda _: replace(linear(), digest="x")
    )
    assert refusal() == (
        "FOLDER does not hold the bundle that was signed; release the model again: cart-outcomes promote 1"
    )


def test_a_pointer_moved_back_by_hand_is_refused(folder: Path) -> None:
    """The release before is signed too; `promote` releases it again, under a new line of the log."""
    (model_folder() / "latest").write_text(read_log()[0].entry.stored)
    last = read_log()[1].entry.stored
    assert refusal() == (
        f"FOLDER is not the last release: releases.jsonl names {last} after it. "
        "To go back to an earlier release, promote it: cart-outcomes promote 2"
    )
    released(folder / "two", "2")
    assert verified_release(released_bundle()).digest == read_log()[0].entry.bundle_digest
    assert [line.entry.version for line in read_log()] == ["2", "1", "2"]


def test_a_release_before_an_interrupted_one_is_served_with_a_caution() -> None:
    """The log names the next release already, and its journal is there."""
    earlier, last = read_log()
    (model_folder() / "latest").write_text(earlier.entry.stored)
    write_journal(Journal("1", "", "", last.entry.stored, ""))
    bundle = verified_release(released_bundle())
    assert release_cautions(released_bundle(), bundle, accepted_release_keys()) == [
        f"{released_bundle()} is served, since the promotion of the release after it was interrupted"
    ]
    for damaged in ("{", "[]", "{}"):
        (release_folder() / "journal.json").write_text(damaged)
        assert "is not the last release" in refusal()


def test_a_release_that_is_not_in_the_log_is_refused() -> None:
    """Also where the log is gone, or cut."""
    log_file().unlink()
    again = "release the model again: cart-outcomes promote 1"
    assert refusal() == f"FOLDER is not in the log of releases, {log_file()}; {again}"
    log_file().mkdir()
    assert refusal() == f"{log_file()} cannot be read (Is a directory)"


def test_a_release_named_by_its_folder_needs_its_signature_alone(tmp_path: Path) -> None:
    """As one that is copied to another machine, which has no log."""
    place = shutil.copytree(released_bundle(), tmp_path / "copy")
    log_file().unlink()
    assert verified_release(place).digest == stored(place).digest  # type: ignore[union-attr]


def test_a_bento_has_neither_pointer_nor_log() -> None:
    """The signature is verified as elsewhere."""
    from bentoml._internal.configuration.containers import BentoMLContainer

    BentoMLContainer.model_aliases.set({LATEST: f"cart_outcomes:{pointed_at()}"})
    log_file().unlink()
    try:
        verified_release(released_bundle())
        (released_bundle() / "model.yaml").write_bytes(
            b"# \n" + (released_bundle() / "model.yaml").read_bytes()
        )
        assert refusal().startswith("FOLDER/model.yaml was altered after the release")
    finally:
        BentoMLContainer.model_aliases.reset()


def test_without_keys_a_signed_release_is_served_with_a_caution(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was verified by it."""
    monkeypatch.delenv(RELEASE_KEYS_VARIABLE)
    place = released_bundle()
    (caution,) = release_cautions(place, verified_release(place), None)
    assert caution == (
        f"{place} is signed, and no release keys are named, so its signature was not verified. "
        "Name the public keys with --release-keys FILE"
    )


def test_keys_rotate_with_an_overlap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Both keys are accepted, then the new one alone."""
    new = site_key(tmp_path)
    both = tmp_path / "both.pem"
    both.write_text(public(folder / "release.key").read_text() + public(new).read_text())
    monkeypatch.setenv(RELEASE_KEYS_VARIABLE, str(both))
    verified_release(released_bundle())
    released(folder / "two", "2", signing_key=new)
    verified_release(released_bundle())
    monkeypatch.setenv(RELEASE_KEYS_VARIABLE, str(public(new)))
    verified_release(released_bundle())


def changes(n_changes: int) -> tuple[list[Path], list[str]]:
    """Change one random byte of one random file at a time; give the files, and those that were let through.

    Every file is changed, and the log; small files as often as large ones.
    """
    rng = np.random.default_rng(20261129)
    files = [*sorted(released_bundle().iterdir()), log_file()]
    accepted = []
    for number in range(n_changes):
        file = files[number % len(files)]
        raw = file.read_bytes()
        at = int(rng.integers(len(raw)))
        other = (raw[at] + int(rng.integers(1, 256))) % 256
        file.write_bytes(raw[:at] + bytes([other]) + raw[at + 1 :])
        try:
            verified_release(released_bundle())
            accepted.append(f"{file.name}, byte {at}: {raw[at]} to {other}")
        except BundleError:
            pass
        finally:
            file.write_bytes(raw)
    return files, accepted


def test_every_changed_byte_of_a_release_is_refused() -> None:
    """A sample; files of trees, BentoML's record and the bill of materials are among them."""
    files, accepted = changes(N_CHANGES)
    assert {"model.yaml", "sbom.cdx.json", "manifest.json", "signature.json", "releases.jsonl"} <= {
        file.name for file in files
    }
    assert [file.suffix for file in files].count(".ubj") > 0
    assert accepted == []
    verified_release(released_bundle())


@pytest.mark.acceptance
def test_ten_thousand_changed_bytes_are_refused() -> None:
    """The whole campaign."""
    assert changes(N_CAMPAIGN)[1] == []


def test_a_release_is_refused_by_one_kind_of_error() -> None:
    """So that whoever follows the pointer needs to know no other."""
    assert issubclass(SignatureError, BundleError)
