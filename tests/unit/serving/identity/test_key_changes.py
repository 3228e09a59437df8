"""Keys over time: created, replaced with an overlap, expired, revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from serving.identity import key_changes
from serving.identity.api_key import NewKey, new_key
from serving.identity.key_changes import NoSuchKeyError, created, named, replaced, revoked
from serving.identity.key_file import Records, parsed_keys, usable, written_keys
from serving.identity.private_file import SettingsError

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def one() -> Records:
    """Make a file with one key, for ten days."""
    return created((), label="ward 3", scopes=("read",), now=NOW, lifetime=10 * DAY)[0]


def test_a_file_is_read_as_it_was_written(one: Records) -> None:
    """Digests, times and labels; the key itself is not in it."""
    records, key = created(one, label="Врач", scopes=("predict", "predict"), now=NOW, lifetime=None)
    text = written_keys(records)
    assert parsed_keys(text.encode(), "keys.json") == records
    assert key.text not in text
    assert key.text.rpartition("_")[2] not in text
    assert records[1].scopes == ("predict",)


def test_a_replaced_key_lives_for_the_overlap(one: Records) -> None:
    """And not a second longer."""
    (old,) = replaced(one, one[0].id, now=NOW, overlap=2 * DAY)
    assert old.state(NOW + 2 * DAY - timedelta(seconds=1)) == "active"
    assert old.state(NOW + 2 * DAY) == "expired"


def test_an_overlap_prolongs_no_key(one: Records) -> None:
    """One that ends sooner ends as it would have."""
    assert replaced(one, one[0].id, now=NOW, overlap=30 * DAY)[0].expires == NOW + 10 * DAY


def test_a_revoked_key_is_refused_at_once(one: Records) -> None:
    """Also one that would expire later; nothing is usable then."""
    (gone,) = revoked(one, one[0].id, now=NOW)
    assert gone.state(NOW) == "revoked"
    assert not usable((gone,), NOW)
    assert usable(one, NOW)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda keys: named(keys, "00000000"),
            "no key has the id '00000000'; cart-outcomes keys list shows all",
        ),
        (lambda keys: revoked(revoked(keys, keys[0].id, now=NOW), keys[0].id, now=NOW), "is revoked already"),
        (
            lambda keys: replaced(keys, keys[0].id, now=NOW + 11 * DAY, overlap=DAY),
            "is expired; only an active key can be replaced",
        ),
    ],
)
def test_what_cannot_be_changed_is_refused(one: Records, change, message: str) -> None:
    """With the reason."""
    with pytest.raises(NoSuchKeyError) as caught:
        change(one)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (b"", "JSON"),
        (b"{}", "format: Field required"),
        (b'{"format": 1, "keys": [{"id": "CANARY"}]}', "keys 0 id"),
        (b'{"format": 1, "keys": [], "more": 1}', "more: Extra inputs are not permitted"),
    ],
)
def test_a_damaged_file_is_refused_without_its_values(content: bytes, mistake: str) -> None:
    """Nothing in it is believed, and nothing repeated."""
    with pytest.raises(SettingsError) as caught:
        parsed_keys(content, "keys.json")
    assert mistake in str(caught.value)
    assert "CANARY" not in str(caught.value)


def test_an_identifier_is_given_once(one: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another is drawn where it is taken."""
    drawn = iter([NewKey(one[0].id, "cartk_"), new_key()])
    monkeypatch.setattr(key_changes, "new_key", lambda: next(drawn))
    records, _ = created(one, label="ward 4", scopes=("read",), now=NOW, lifetime=None)
    assert len({record.id for record in records}) == 2


def test_two_keys_of_one_id_are_refused(one: Records) -> None:
    """Either could be meant."""
    with pytest.raises(SettingsError, match="two keys have the same id"):
        parsed_keys(written_keys(one * 2).encode(), "keys.json")
