"""What an identifier gives away."""

from __future__ import annotations

import pytest

from features.checking.identifiers import not_pseudonymous
from features.checking.near_equal_ids import near_equal


@pytest.mark.parametrize(
    "code",
    ["BMT-001", "101", "synthetic-0001", "P 12", "A", "p", "BMT-A", "ABC", "Patient A", "MOSCOW 07", "123456"]
    + ["1234567890", "99999999", "20211332", "12-03-87", "site-a-7", "CAR07", "M-01"],
)
def test_codes(code):
    """Digits, single letters and up to three capitals are a code."""
    assert not_pseudonymous(code) is None


@pytest.mark.parametrize(
    "name",
    ["Doe, J", "Doe,Jane", "Jane Doe", "jane doe", "SMITH", "Jane", "Li", "jane", "secret", "Doe-Smith"]
    + ["\u0418\u0432\u0430\u043d\u043e\u0432", "Ivanov, I 7"],
)
def test_names(name):
    """Words without a digit, and a word after a comma."""
    assert not_pseudonymous(name) == "a name"


@pytest.mark.parametrize(
    "date",
    ["1987-03-12", "12.03.1987", "12/03/87", "12.03.87", "19870312", "12031987", "BMT-19870312"]
    + ["12 March 1987", "12-Mar-1987", "03NOV1987", "3 nov 87"],
)
def test_dates(date):
    """However they are written."""
    assert not_pseudonymous(date) == "a date"


def test_mail():
    """An address is a person."""
    assert not_pseudonymous("jane@doe.org") == "an e-mail address"


@pytest.mark.parametrize("unseen", ["\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060"])
def test_characters_without_width_do_not_part_identifiers(unseen):
    """Copied from a web page or a word processor, they make two patients of one."""
    assert near_equal(["P1", f"P{unseen}1", "P2"]).tolist() == [True, True, False]
