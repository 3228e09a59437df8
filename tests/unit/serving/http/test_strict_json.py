"""Reading JSON from strangers."""

from __future__ import annotations

import math

import pytest

from serving.http.strict_json import NotJSONError, read_json

REFUSED = {
    b"": "the body is not JSON: line 1, column 1",
    b'{"age_years": }': "the body is not JSON: line 1, column 15",
    b"\xff\xfe{\x00}\x00": "the body is not JSON: it is not UTF-8",
    b"\xef\xbb\xbf{}": "the body is not JSON: line 1, column 1",
    b'{"a": NaN}': "the body is not JSON: NaN and Infinity are not JSON numbers",
    b'{"a": -Infinity}': "the body is not JSON: NaN and Infinity are not JSON numbers",
    b'{"age_years": 1, "age_years": 1}': "age_years appears twice in the body",
    b'{"Ivan Petrov": 1, "Ivan Petrov": 1}': "a field appears twice in the body",
    b'{"a": {"b": 1, "b": 1}}': "b appears twice in the body",
    b"[" * 100_000: "the body is nested too deeply",
    b'{"a":' * 100_000: "the body is nested too deeply",
    b'{"a": ' + b"9" * 5000 + b"}": "the body has a number of more than 100 characters",
    b'{"a": 0.' + b"1" * 500_000 + b"}": "the body has a number of more than 100 characters",
    b'{"a": "\n"}': "the body is not JSON: line 1, column 8",
}


@pytest.mark.parametrize("raw", REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_strict_json_is_refused_in_words(raw: bytes) -> None:
    """The message says what is wrong and where, never what stood there."""
    with pytest.raises(NotJSONError) as caught:
        read_json(raw)
    assert str(caught.value) == REFUSED[raw]


def test_json_is_read_as_python_reads_it() -> None:
    """Objects, arrays, text, numbers, true, false and null."""
    raw = '{"a": [1, -2.5, "é", true, false, null], "b": {}}'.encode()
    assert read_json(raw) == {"a": [1, -2.5, "é", True, False, None], "b": {}}


def test_a_number_beyond_floats_is_infinite() -> None:
    """So that every limit refuses it, and no parser stumbles over it."""
    assert read_json(b"[1e400, -1e400]") == [math.inf, -math.inf]


def test_a_lone_surrogate_is_text_like_any_other() -> None:
    """No option is spelled so; the field's rule refuses it."""
    assert read_json(b'"\\ud800"') == "\ud800"
