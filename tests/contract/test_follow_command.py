"""A machine that follows MLflow's champion releases what was promoted elsewhere, and nothing else."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.problems import Refused
from serving.model.bundle_error import BundleError
from serving.model.released_bundle import model_folder, pointed_at, released_bundle
from serving.release.public_keys import RELEASE_KEYS_VARIABLE, accepted_release_keys
from serving.release.release_log import read_log
from serving.release.verified_release import verified_with_keys
from tests.faults import Killed
from tests.releases import aliases, champion, empty_store, promoted, served
from tests.signing import accepting, site_key
from training.commands import follow as follow_command
from training.commands.app import app
from training.commands.follow import follow
from training.release.journal import read_journal
from training.release.signing_key import SIGNING_KEY_VARIABLE, make_key
from training.tracking.model_registry import RELEASE_DIGEST
from training.tracking.release_agreement import disagreement
from training.tracking.runs import MODEL_NAME, connected
from training.tracking.store import TrackingError


@pytest.fixture(autouse=True)
def _without_release(first_released: Path) -> None:
    """Begin on a machine without a release, where MLflow's first version is champion."""
    empty_store()


def followed() -> str:
    """Follow once; give what is printed."""
    result = CliRunner().invoke(app, ["follow", "--once"])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def promote_elsewhere(version: str, folder: Path) -> None:
    """Promote as another machine does: the store of this one does not change."""
    kept = folder / "kept"
    shutil.copytree(model_folder(), kept)
    promoted(version)
    shutil.rmtree(model_folder())
    shutil.copytree(kept, model_folder())


def released_version() -> str:
    found = served()
    return found.version if found is not None else ""


def test_the_champion_is_released_and_followed(tmp_path: Path) -> None:
    """The first look releases it, the next does nothing, and a promotion elsewhere is followed."""
    first = champion()
    assert first is not None
    assert followed() == f"version {first.name} is released on this machine\n"
    assert (released_version(), disagreement()) == ("1", "")
    before = pointed_at()
    assert (followed(), pointed_at()) == ("", before)
    promote_elsewhere("2", tmp_path)
    assert released_version() == "1"
    named = aliases()
    assert "version 2-" in followed()
    assert (released_version(), disagreement(), aliases()) == ("2", "", named)


def test_a_damaged_release_is_replaced() -> None:
    """By the champion's bundle, fetched again."""
    followed()
    (model_folder() / pointed_at() / "model.yaml").write_text("{")
    assert "is released on this machine" in followed()
    assert released_version() == "1"


def test_a_champion_that_was_set_by_hand_is_not_released() -> None:
    """No check has looked at it; the message names the command that does."""
    followed()
    with connected() as client:
        client.set_registered_model_alias(MODEL_NAME, "champion", "2")
    with pytest.raises(Refused, match=r"made champion without a promotion.*cart-outcomes promote 2$"):
        followed()
    assert released_version() == "1"


def test_without_a_champion_nothing_is_released() -> None:
    """It comes with the first promotion."""
    with connected() as client:
        client.delete_registered_model_alias(MODEL_NAME, "champion")
    assert (followed(), released_version()) == ("", "")


def test_a_withdrawn_release_is_reported() -> None:
    """It is served on; the message says until when."""
    followed()
    with connected() as client:
        client.delete_registered_model_alias(MODEL_NAME, "champion")
    with pytest.raises(Refused, match=r"is released on this machine, and MLflow has no champion any more"):
        followed()
    assert released_version() == "1"


def test_a_champion_that_was_withdrawn_for_the_one_before_is_followed(tmp_path: Path) -> None:
    """`promote --previous` elsewhere: this machine goes back too, and its log says so."""
    followed()
    promote_elsewhere("2", tmp_path)
    followed()
    promote_elsewhere("1", tmp_path / "back")
    followed()
    assert (released_version(), disagreement()) == ("1", "")


@pytest.mark.parametrize("first", [True, False], ids=["first release", "next release"])
@pytest.mark.parametrize("key", ["stranger.key", ""], ids=["another machine's key", "no key"])
def test_what_the_service_would_refuse_is_not_released(tmp_path: Path, key: str, first: bool) -> None:
    """The pointer stays, and so does the log."""
    (tmp_path / "other").mkdir()
    stranger = site_key(tmp_path / "other", "stranger.key")
    with accepting(site_key(tmp_path)):
        if not first:
            followed()
            promote_elsewhere("2", tmp_path)
        before = pointed_at(), read_log()
        refusal = "is not among them" if key else "no (signing )?key is named"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(SIGNING_KEY_VARIABLE, str(stranger) if key else "")
            with pytest.raises(Refused, match=refusal):
                followed()
        assert (pointed_at(), read_log()) == before


def test_another_bundle_than_the_promoted_one_is_not_released() -> None:
    """Its digest is compared with the one that the promotion recorded."""
    with connected() as client:
        client.set_model_version_tag(MODEL_NAME, "1", RELEASE_DIGEST, "sha256:0")
    with pytest.raises(Refused, match="is not the bundle that was promoted"):
        followed()
    assert (released_version(), list(model_folder().glob("v*"))) == ("", [])


def test_an_interrupted_promotion_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its version became champion, and everything was prepared."""

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr("training.commands.promotion_steps.finish", killed)
        promoted("2")
    followed()
    assert (released_version(), read_journal()) == ("2", None)


def test_what_is_followed_is_signed_by_this_machine(tmp_path: Path) -> None:
    """With a key of its own: the service there accepts it, and the log has one line for it."""
    key, public = make_key(tmp_path / "follow.key", {})
    before = len(read_log())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SIGNING_KEY_VARIABLE, str(tmp_path / "follow.key"))
        followed()
        assert followed() == ""
    keys = accepted_release_keys({RELEASE_KEYS_VARIABLE: str(public)})
    assert verified_with_keys(released_bundle(), keys).version.startswith("1")
    added = read_log(keys)[before:]
    assert [(line.entry.version, line.signature.key) for line in added] == [("1", key.id)]


def test_what_fails_is_reported_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the server is away, the release stays; the command goes on."""
    problems = iter(
        [
            TrackingError("no server"),
            TrackingError("no server"),
            BundleError("altered"),
            OSError("full"),
            None,
        ]
    )

    def look(_key: object) -> None:
        problem = next(problems)
        if problem is not None:
            raise problem

    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(follow_command, "_look", look)
    monkeypatch.setattr(follow_command.time, "sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        follow(every=7)
    assert capsys.readouterr().err == "warning: no server\nwarning: altered\nwarning: full\n"
    assert pauses == [7] * 5
