"""Branching logic becomes a condition, or stays for a person."""

from __future__ import annotations

import pytest

from features.drafting.branching import condition_of


@pytest.mark.parametrize(
    ("logic", "tests"),
    [
        ("[crs] = '1'", {"crs": ("1",)}),
        ('[crs]="1"', {"crs": ("1",)}),
        ("[crs] = 1", {"crs": ("1",)}),
        ("([crs] = '1')", {"crs": ("1",)}),
        ("[site(2)] = '1'", {"site___2": ("1",)}),
        ("[site(-9)] = '0'", {"site____9": ("0",)}),
        ("[crs] = '1' and [grade] >= 3", {"crs": ("1",), "grade": (">= 3",)}),
        ("([crs] = '1') AND ([dead] = '0')", {"crs": ("1",), "dead": ("0",)}),
        ("[resp] = '1' or [resp] = '2'", {"resp": ("1", "2")}),
        ("[date] <> ''", {"date": ("*",)}),
        ("[date] = ''", {"date": ("",)}),
    ],
)
def test_logic_that_a_mapping_can_say(logic, tests):
    """One comparison, several with and, or one variable with or."""
    assert condition_of(logic) == tests


@pytest.mark.parametrize(
    "logic",
    [
        "[a] = '1' or [b] = '1'",
        "[a] = '1' and [b] = '1' or [c] = '1'",
        "[a] = '1' and ([b] = '1' or [b] = '2')",
        "[a] <> '1'",
        "[a] > 2 and [a] < 5",
        "[a] > 'x'",
        "[baseline_arm_1][a] = '1'",
        "datediff([a], [b], 'd') > 3",
        "not [a] = '1'",
        "[a] = '1' and",
        "",
    ],
)
def test_logic_that_it_cannot_say(logic):
    """A condition that says less or more would leave out values."""
    assert condition_of(logic) is None
