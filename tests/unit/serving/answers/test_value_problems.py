"""What is wrong with the name of a product, without repeating it."""

from __future__ import annotations

import pytest

from features.field import specs
from features.problem_codes import Code
from features.product_names import PRODUCT_NAME
from features.schema import RowId
from serving.answers.value_problems import value_problem

FIELD = specs(RowId)[PRODUCT_NAME]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (7, Code.WRONG_TYPE),
        (True, Code.WRONG_TYPE),
        (["CART22"], Code.WRONG_TYPE),
        ("", Code.REQUIRED),
        ("x" * 41, Code.TEXT_TOO_LONG),
    ],
)
def test_a_name_is_a_short_text(value: object, code: Code) -> None:
    """Anything else is refused by its kind, in words without the value."""
    problem = value_problem(FIELD, value)
    assert problem is not None
    assert problem.code is code
    assert "CART22" not in problem.words
    assert "xxx" not in problem.words


def test_a_name_of_forty_characters_is_allowed() -> None:
    """The longest."""
    assert value_problem(FIELD, "x" * 40) is None
