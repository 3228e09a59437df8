"""The chain's hashes are those of the stated formula, computed here by hand."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from serving.record.chain import (
    EMPTY,
    NO_HASH,
    Event,
    chained,
    content_digest,
    head_mac,
    inputs_digest,
    moved,
    row_hash,
    signed,
    written,
)
from serving.record.keys import record_key

SECRET = b"0123456789abcdef0123456789abcdef"
KEY = record_key(SECRET)
NOW = "2026-03-02T08:30:00.000000Z"
EVENT = Event("answer", '{"caller":"key:1"}', "p-1", '{"risks":[]}', "case-7", "5a1t")

CHAIN_KEY = hmac.new(SECRET, b"cart-outcomes record, chain", hashlib.sha256).digest()
CONTENT_KEY = hmac.new(SECRET, b"cart-outcomes record, content", hashlib.sha256).digest()


def by_hand(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def test_a_key_has_one_part_for_each_purpose() -> None:
    """None is the secret or another part; the id is the start of a part of its own."""
    parts = {KEY.chain, KEY.content, KEY.inputs, KEY.head, KEY.checkpoint}
    assert len(parts | {SECRET}) == 6
    assert KEY.chain == CHAIN_KEY
    assert hmac.new(SECRET, b"cart-outcomes record, id", hashlib.sha256).hexdigest()[:16] == KEY.id


def test_a_hash_outside_of_python() -> None:
    """Computed by OpenSSL: the key's part for the chain first, then the hash of the list."""
    # printf 'cart-outcomes record, chain' | openssl dgst -sha256 -mac hmac -macopt key:$SECRET
    # printf "$LIST" | openssl dgst -sha256 -mac hmac -macopt hexkey:$OUTPUT_OF_THE_FIRST
    # where LIST is format, key id, sequence, previous hash, kind, time, null, fixed and no digest, as JSON
    row = chained(Event("key", "{}"), EMPTY, KEY, NOW)
    assert KEY.id == "98aa5e1709522ed3"
    assert row.hash == "e70e4c5ca6fa7d2d0ea0f72976bcae84df2c393bf213085e3dd7323192b54a1e"


def test_a_hash_covers_place_history_and_digest_of_the_content() -> None:
    """As the formula states it."""
    row = chained(EVENT, EMPTY, KEY, NOW)
    digest = by_hand(CONTENT_KEY, '["5a1t","case-7","{\\"risks\\":[]}"]')
    stated = f'[1,"{KEY.id}",1,"{NO_HASH}","answer","{NOW}","p-1","{{\\"caller\\":\\"key:1\\"}}","{digest}"]'
    assert row.content_digest == digest
    assert row.hash == by_hand(CHAIN_KEY, stated)


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 2},
        {"format": 2},
        {"key_id": "0" * 16},
        {"kind": "outcome"},
        {"recorded_at": "2026-03-02T08:30:00.000001Z"},
        {"prediction_id": "p-2"},
        {"prediction_id": None},
        {"fixed": "{}"},
        {"content_digest": ""},
        {"previous": "1" * 64},
    ],
)
def test_every_part_changes_the_hash(change: dict[str, object]) -> None:
    row = chained(EVENT, EMPTY, KEY, NOW)
    assert row_hash(replace(row, **change), KEY) != row.hash  # type: ignore[arg-type]


def test_erasure_leaves_the_hash() -> None:
    """What can be erased is in the hash by its digest only."""
    row = chained(EVENT, EMPTY, KEY, NOW)
    erased = replace(row, content=None, salt=None, record_key=None, erased_by=9)
    assert row_hash(erased, KEY) == row.hash


@pytest.mark.parametrize("change", [{"salt": "6"}, {"record_key": None}, {"content": "{}"}])
def test_every_erasable_part_changes_its_digest(change: dict[str, object]) -> None:
    changed = replace(EVENT, **change)  # type: ignore[arg-type]
    assert content_digest(changed, KEY) != content_digest(EVENT, KEY)


def test_a_head_follows_its_rows() -> None:
    """Its keyed digest covers every part; a change of key is remembered."""
    other = record_key(b"another secret of thirty-two bytes!")
    first = chained(EVENT, EMPTY, KEY, NOW)
    second = chained(Event("key", "{}"), moved(EMPTY, first), other, NOW)
    head = signed(moved(moved(EMPTY, first), second), other)
    assert (head.sequence, head.hash, head.key_id, head.former_keys) == (2, second.hash, other.id, KEY.id)
    assert second.previous == first.hash
    for changed in (replace(head, start=2), replace(head, former_keys=""), replace(head, sequence=1)):
        assert head_mac(changed, other) != head.mac


def test_inputs_are_compared_by_their_values() -> None:
    """Order, missing fields and whole numbers as decimals do not matter; the key does."""
    digest = inputs_digest({"age": 41, "ldh": None, "sex": "female"}, KEY)
    assert inputs_digest({"sex": "female", "age": 41.0}, KEY) == digest
    assert inputs_digest({"sex": "male", "age": 41.0}, KEY) != digest
    assert inputs_digest({"sex": "female", "age": 41}, record_key(b"x" * 32)) != digest


def test_text_is_written_in_one_way() -> None:
    """Any text is ASCII; what JSON does not have is refused."""
    assert written({"b": "é\0", "a": [1, None]}) == '{"a":[1,null],"b":"\\u00e9\\u0000"}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        written(float("nan"))


def test_representations_have_no_value() -> None:
    """Neither an event, nor a row, nor a key shows what is kept."""
    row = chained(EVENT, EMPTY, KEY, NOW)
    shown = repr(EVENT) + repr(row) + repr(KEY)
    assert [word for word in ("risks", "case-7", "5a1t", KEY.chain.hex()) if word in shown] == []
    assert set(row.as_columns()) > {"sequence", "hash", "content"}
