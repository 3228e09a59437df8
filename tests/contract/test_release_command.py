"""`cart-outcomes release`: keys are made, releases listed, and everything kept of them verified."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.problems import Refused
from serving.model.released_bundle import model_folder, pointed_at
from serving.model.write_bundle import write_bundle
from serving.release.public_keys import RELEASE_KEYS_VARIABLE
from serving.release.release_log import log_file, read_log
from serving.release.signature import SignatureError
from tests.command_line import paper, said
from tests.releases import State, another, empty_store, linear
from tests.signing import accepting, public, released, site_key
from training.commands.app import app
from training.commands.release import keygen, list_releases, verify
from training.release.bento_store import store_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Release a version unsigned, then two signed ones."""
    folder = tmp_path_factory.mktemp("log")
    empty_store()
    write_bundle(linear(), folder / "one")
    write_bundle(another(), folder / "two")
    released(folder / "one", "1", by="анна")
    with accepting(site_key(folder)):
        released(folder / "two", "2", why="Board of 3 May")
        released(folder / "one", "1", forced="to try it", reasons=("worse",))
        (folder / "start").mkdir()
        State(folder, folder / "start").keep_stores()
        yield folder
    empty_store()


@pytest.fixture(autouse=True)
def _from_the_start(folder: Path) -> None:
    State(folder, folder / "start").restore_stores()


def verified(**options: str) -> str:
    """Verify with the keys of the environment; give what is printed."""
    console = paper()
    verify(console=console, **options)
    return said(console)


def problems(**options: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        verified(**options)
    return str(refused.value).splitlines()


def test_a_pair_of_keys_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next commands are named; a passphrase is suggested where there is none."""
    console = paper()
    keygen(tmp_path / "site.key", console=console)
    lines = said(console).splitlines()
    assert lines[0].endswith(f": private key {tmp_path / 'site.key'}, public key {tmp_path / 'site.key.pub'}")
    assert lines[1].startswith("the private key is not encrypted; CART_OUTCOMES_SIGNING_PASSPHRASE")
    assert lines[2:] == [
        f"sign with: cart-outcomes promote --signing-key {tmp_path / 'site.key'}",
        f"serve with: cart-outcomes serve --release-keys {tmp_path / 'site.key.pub'}",
    ]
    monkeypatch.setenv("CART_OUTCOMES_SIGNING_PASSPHRASE", "correct horse")
    result = CliRunner().invoke(app, ["release", "keygen", "--out", str(tmp_path / "other.key")])
    assert (result.exit_code, "not encrypted" in result.stdout) == (0, False)


def test_releases_are_listed() -> None:
    """The newest last, with the one that is served, and the head to be noted elsewhere."""
    lines = CliRunner().invoke(app, ["release", "list"]).stdout.splitlines()
    first, second, third = read_log()
    key = second.signature.key
    assert [line.split("  ")[2:4] for line in lines[:3]] == [
        [f"version {line.entry.version}", line.entry.stored] for line in (first, second, third)
    ]
    assert lines[0].endswith("by анна  passed  unsigned")
    assert lines[1].endswith(f"by unknown  passed  key {key}  Board of 3 May")
    assert lines[2].endswith(f"by unknown  forced  key {key}  SERVED")
    assert lines[3] == f"head of the log: {third.digest}"


def test_without_releases_there_is_no_list() -> None:
    """The message names the command that makes one."""
    empty_store()
    console = paper()
    list_releases(console=console)
    assert said(console).strip() == (
        f"{log_file()} has no releases; release a model with cart-outcomes promote"
    )
    assert "verified; lines of the log: 0, stored releases: 0" in verified()


def test_everything_is_verified() -> None:
    """The unsigned release before the first signed one is vouched for by it."""
    assert verified().splitlines() == [
        f"note: line 1: {read_log()[0].entry.stored} was not signed",
        "verified; lines of the log: 3, stored releases: 3",
    ]


def test_without_keys_hashes_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the command says that this is less."""
    monkeypatch.delenv(RELEASE_KEYS_VARIABLE)
    assert verified().splitlines() == [
        "note: signatures were not verified: name the public keys with --release-keys FILE",
        "verified; lines of the log: 3, stored releases: 3",
    ]


def test_after_a_rotation_the_old_releases_are_vouched_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the log, whose last line the new key has signed; both were accepted then."""
    new, both = site_key(tmp_path), tmp_path / "both.pem"
    both.write_text(public(folder / "release.key").read_text() + public(new).read_text())
    monkeypatch.setenv(RELEASE_KEYS_VARIABLE, str(both))
    released(folder / "two", "2", signing_key=new)
    result = CliRunner().invoke(app, ["release", "verify", "--release-keys", str(public(new))])
    old = read_log()[1]
    signer = f"signed with the key {old.signature.key}, which is not accepted now"
    assert f"note: line 2: {old.entry.stored} was {signer}\n" in result.stdout
    assert "verified; lines of the log: 4, stored releases: 4" in result.stdout


def test_a_log_that_was_cut_is_found_by_its_head() -> None:
    """A cut log is a right one, and only what was noted elsewhere shows it."""
    head = read_log()[-1].digest
    assert "verified" in verified(head=head)
    lines = log_file().read_bytes().splitlines(keepends=True)
    log_file().write_bytes(b"".join(lines[:2]))
    (model_folder() / "latest").write_text(read_log()[-1].entry.stored)
    assert f"{log_file()} has no line {head}: the log was cut or replaced" in problems(head=head)


def test_the_first_broken_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its signature; without keys, by the hash in the line after it."""
    raw = log_file().read_bytes()
    log_file().write_bytes(raw.replace(b"Board of 3 May", b"Board of 4 May"))
    remedy = "Keep the file for the inquiry; docs/security.md says what to do"
    assert problems() == [f"{log_file()}, line 2: its signature is wrong. {remedy}"]
    monkeypatch.delenv(RELEASE_KEYS_VARIABLE)
    assert problems() == [f"{log_file()}, line 3: it does not follow the line before. {remedy}"]


def test_an_altered_release_is_named_by_its_line() -> None:
    """Whether it is served or not."""
    stored = read_log()[1].entry.stored
    (model_folder() / stored / "provenance.json").write_text("{}")
    assert problems() == [
        f"line 2: {model_folder() / stored / 'provenance.json'} was altered after the release; "
        "release the model again: cart-outcomes promote 2"
    ]


def test_a_release_with_the_files_of_another_is_named() -> None:
    """It is signed, and the log names another manifest."""
    first, last = (model_folder() / read_log()[at].entry.stored for at in (1, 2))
    shutil.rmtree(first)
    shutil.copytree(last, first)
    assert problems() == [f"line 2: {first} has another manifest than the log names"]


def test_a_release_that_was_deleted_is_a_note() -> None:
    """Old releases may be deleted to save room."""
    name = read_log()[0].entry.stored
    shutil.rmtree(model_folder() / name)
    assert f"note: line 1: {name} is no longer stored" in verified()


def test_a_release_that_is_not_in_the_log_is_named() -> None:
    """Somebody has put it there, or has taken its line away."""
    foreign = shutil.copytree(model_folder() / pointed_at(), model_folder() / "v9-foreign")
    assert problems() == [f"{foreign} is not in the log of releases, {log_file()}"]


def test_the_served_release_is_verified_as_the_service_does(folder: Path) -> None:
    """One of earlier software has no manifest, and a problem is stated once."""
    store_bundle(folder / "one", "1")
    assert [problem.split(". ")[0] for problem in problems()] == [
        f"{model_folder() / pointed_at()} is not signed: it has no manifest.json"
    ]
    (model_folder() / "latest").write_text(read_log()[2].entry.stored)
    (model_folder() / pointed_at() / "model.yaml").write_text("")
    assert len(problems()) == 1


def test_a_release_of_earlier_software_is_a_note_without_keys(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was logged then."""
    monkeypatch.delenv(RELEASE_KEYS_VARIABLE)
    store_bundle(folder / "one", "1")
    assert f"note: {pointed_at()} is served and was released before there was a log" in verified()


def test_a_line_of_a_stranger_is_not_vouched_for(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new line would vouch for it; neither does a stranger's key go on with the site's log."""
    stranger = site_key(tmp_path)
    monkeypatch.delenv(RELEASE_KEYS_VARIABLE)
    with pytest.raises(SignatureError, match="line 3: it is the last, and no accepted key has signed it"):
        released(folder / "two", "2", signing_key=stranger)
    with accepting(stranger):
        log_file().unlink()
        released(folder / "two", "2")
    with pytest.raises(SignatureError, match="line 1: it is the last, and no accepted key has signed it"):
        released(folder / "two", "2")
