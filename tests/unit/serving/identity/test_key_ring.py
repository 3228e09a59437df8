"""A file of keys in a running service: looked at once a second, followed, and not believed if it is open."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from features.files.atomic_write import write_whole
from serving.identity import followed_file
from serving.identity.denied import Denied, Reason
from serving.identity.followed_file import FollowedFile
from serving.identity.key_changes import replaced, revoked
from serving.identity.key_file import read_keys, written_keys
from serving.identity.key_ring import KeyRing, _held_keys
from serving.identity.private_file import SettingsError, read_private
from tests.callers import new_key_in

NOW = datetime.now(UTC)


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def opened(file: Path, clock: Clock) -> Callable[[], KeyRing]:
    """Open the file as a service does, with a clock of the test."""
    return lambda: KeyRing(FollowedFile(file, _held_keys, {}, clock=clock))


def reason(ring: KeyRing, text: str, now: datetime = NOW) -> Reason:
    with pytest.raises(Denied) as caught:
        ring.caller(text, now=now.timestamp())
    return caught.value.reason


def test_a_key_names_its_caller(file: Path, opened: Callable[[], KeyRing]) -> None:
    """With its scopes."""
    text = new_key_in(file, "read")
    caller = opened().caller(text, now=NOW.timestamp())
    assert (caller.kind, caller.name, caller.scopes) == ("key", text[6:14], frozenset({"read"}))


def test_a_key_of_another_file_is_unknown(file: Path, tmp_path: Path, opened: Callable[[], KeyRing]) -> None:
    """Whether or not its identifier is known here."""
    own, other = new_key_in(file, "read"), new_key_in(tmp_path / "other.json", "read")
    same_id = read_keys(tmp_path / "other.json")[0].model_copy(update={"id": own[6:14]})
    assert reason(opened(), other) is Reason.UNKNOWN_KEY
    write_whole(file, written_keys((same_id,)), private=True)
    assert reason(opened(), own) is Reason.UNKNOWN_KEY


def test_an_old_key_is_accepted_in_the_overlap_alone(file: Path, opened: Callable[[], KeyRing]) -> None:
    """Then it is stale; the new one goes on."""
    old = new_key_in(file, "read")
    new = new_key_in(file, "read")
    changed = replaced(read_keys(file), old[6:14], now=NOW, overlap=timedelta(days=1))
    write_whole(file, written_keys(changed), private=True)
    ring = opened()
    assert ring.caller(old, now=NOW.timestamp()).name == old[6:14]
    assert reason(ring, old, NOW + timedelta(days=1)) is Reason.EXPIRED_KEY
    assert ring.caller(new, now=(NOW + timedelta(days=1)).timestamp()).name == new[6:14]


def test_changes_are_followed_after_a_second(
    file: Path, clock: Clock, opened: Callable[[], KeyRing], caplog: pytest.LogCaptureFixture
) -> None:
    """A new key, and one that was revoked; the log says that the file was read, and no key."""
    first = new_key_in(file, "read")
    ring = opened()
    second = new_key_in(file, "read")
    write_whole(file, written_keys(revoked(read_keys(file), first[6:14], now=NOW)), private=True)
    clock.seconds = 0.9
    assert ring.caller(first, now=NOW.timestamp())
    clock.seconds = 1.0
    with caplog.at_level(logging.INFO, "cart_outcomes.identity"):
        assert reason(ring, first) is Reason.REVOKED_KEY
    assert ring.caller(second, now=NOW.timestamp())
    assert caplog.messages == ["keys.json was read again"]


def test_the_file_is_looked_at_once_a_second(
    file: Path, clock: Clock, opened: Callable[[], KeyRing], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many requests there are."""
    looks: list[Path] = []
    mark = followed_file.mark_of
    text = new_key_in(file, "read")
    ring = opened()
    monkeypatch.setattr(followed_file, "mark_of", lambda path: [looks.append(path), mark(path)][1])
    for tenth in range(40):
        clock.seconds = tenth / 10
        ring.caller(text, now=NOW.timestamp())
    assert len(looks) == 3


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda file: file.unlink(), "No such file"),
        (lambda file: file.chmod(0o644), "other users can read or write this file; run chmod 600"),
        (lambda file: file.write_text("{"), "is no file of keys"),
    ],
)
def test_a_spoiled_file_lets_nobody_in_until_it_is_repaired(
    file: Path,
    clock: Clock,
    opened: Callable[[], KeyRing],
    caplog: pytest.LogCaptureFixture,
    spoil,
    message: str,
) -> None:
    """The log says once what to do."""
    text = new_key_in(file, "read")
    whole = file.read_text()
    ring = opened()
    spoil(file)
    for clock.seconds in (1.0, 2.0, 3.0):
        assert reason(ring, text) is Reason.UNKNOWN_KEY
    assert [message in line for line in caplog.messages] == [True]
    file.unlink(missing_ok=True)
    write_whole(file, whole, private=True)
    clock.seconds = 4.0
    assert ring.caller(text, now=NOW.timestamp())


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o602, 0o660])
def test_a_file_that_others_can_read_is_not_opened(
    file: Path, opened: Callable[[], KeyRing], mode: int
) -> None:
    """Neither by a group nor by everybody."""
    new_key_in(file, "read")
    file.chmod(mode)
    with pytest.raises(SettingsError, match="run chmod 600"):
        opened()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_mounted_secret_may_be_read_by_the_group(tmp_path: Path) -> None:
    """An orchestrator's secret belongs to another user; everybody may still not read it."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"x")
    os.chown(secret, 12345, -1)
    secret.chmod(0o440)
    assert read_private(secret) == b"x"
    secret.chmod(0o444)
    with pytest.raises(SettingsError):
        read_private(secret)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """A mistaken path is no key."""
    large = tmp_path / "cohort.csv"
    large.write_bytes(bytes(4 * 2**20 + 1))
    large.chmod(0o600)
    with pytest.raises(SettingsError, match="is larger than 4,194,304 bytes"):
        read_private(large)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """The service would stand still until another program writes."""
    pipe = tmp_path / "keys.json"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(SettingsError, match=r"is not a regular file; name a file$"):
        read_private(pipe)


def test_neither_keys_nor_digests_are_printed(file: Path, opened: Callable[[], KeyRing]) -> None:
    """Of the objects that hold them."""
    text = new_key_in(file, "read")
    (record,) = read_keys(file)
    (held,) = _held_keys(file).values()
    for printed in (repr(record), repr(held), repr(opened())):
        assert record.sha256 not in printed
        assert text not in printed
