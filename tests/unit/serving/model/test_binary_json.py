"""XGBoost's binary JSON is read to the same values as its text."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from serving.model.binary_json import DEEPEST, parsed
from serving.model.trees import read_booster
from tests.bundles import tree_parts


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def test_a_booster_has_the_values_of_its_text() -> None:
    """Every name and number that XGBoost writes as text, to single precision."""
    part, _ = tree_parts(np.random.default_rng(1))
    text = json.loads(read_booster(part.ubj).save_raw("json"))
    found = plain(parsed(part.ubj))
    trees, expected = (each["learner"]["gradient_booster"]["model"].pop("trees") for each in (found, text))
    assert found == text
    for tree, other in zip(trees, expected, strict=True):
        assert tree.keys() == other.keys()
        for name, value in other.items():
            same = isinstance(value, list) and value and isinstance(value[0], float)
            assert tree[name] == (plain(np.float32(value)) if same else value), name


VALUES = {
    b"Z": None,
    b"T": True,
    b"F": False,
    b"i\xff": -1,
    b"U\xff": 255,
    b"I\x01\x00": 256,
    b"l\x00\x00\x00\x02": 2,
    b"L" + b"\x00" * 7 + b"\x03": 3,
    b"d\x3f\x80\x00\x00": 1.0,
    b"D\xbf\xf0" + b"\x00" * 6: -1.0,
    b"Si\x02ab": "ab",
    b"[]": [],
    b"[TF]": [True, False],
    b"[#i\x02TZ": [True, None],
    b"[$i#i\x02\x01\x02": [1, 2],
    b"[$S#i\x01i\x01a": ["a"],
    b"{}": {},
    b"{i\x01a{i\x01b[Z]}}": {"a": {"b": [None]}},
}


@pytest.mark.parametrize("raw", VALUES)
def test_values(raw: bytes) -> None:
    """One of every type."""
    assert plain(parsed(raw)) == VALUES[raw]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not binary JSON: it ends before byte 1"),
        (b"x", "not binary JSON: unknown type b'x' at byte 0"),
        (b"TT", "not binary JSON: 1 bytes follow the value"),
        (b"[TF", "not binary JSON: it ends before byte 4"),
        (b"{i\x01a", "not binary JSON: it ends before byte 5"),
        (b"[$d#i\x02" + bytes(4), "not binary JSON: it ends before byte 14"),
        (b"Sd\x00\x00\x00\x00", "not binary JSON: b'd' at byte 1 is no length"),
        (b"S", "not binary JSON: it ends before byte 2"),
        (b"[$i\x01]", "not binary JSON: a sequence of one type without a length"),
        (b"[$Z#l\x7f\xff\xff\xff", "not binary JSON: a sequence of one type that is no number"),
        (b"[$T#i\x02", "not binary JSON: a sequence of one type that is no number"),
        (b"Si\xff", "not binary JSON: it ends before byte 2"),
        (b"[" * (DEEPEST + 1), f"not binary JSON: more than {DEEPEST} levels"),
    ],
)
def test_other_bytes_are_refused(raw: bytes, message: str) -> None:
    """Whatever is missing or wrong, none is guessed."""
    with pytest.raises(ValueError, match=r"^not binary JSON") as refused:
        parsed(raw)
    assert str(refused.value) == message
