"""Advice that quotes a cell never reaches a page: every branch of the cell parser, with canary values."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from features.advice import Advice, plain
from features.checking import parse_cell as cells
from features.checking.cell_problems import cell_problem
from features.checking.cell_provenance import Origin
from features.checking.parse_cell import CellError, parse_cell
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.files.stored_numbers import StoredPercent
from features.mapping.number_advice import number_advice
from features.mapping.number_format import NumberFormat
from features.problem_codes import Code
from features.problems import Problem, grouped
from features.schema import all_fields
from training.pages.quality.page import Examination, quality_page

PERCENT = StoredPercent("0.7391")
OTHER_PERCENT = StoredPercent("0.8642")
PAIRS = [
    ("center", "=7391", "=8642"),
    ("center", "a\x077391", "a\x078642"),
    ("center", "7391" * 20, "8642" * 20),
    ("center", "#REF!", "#DIV/0!"),
    ("center", "7391-05-08", "8642-06-09"),
    ("patient_id", "unknown", "true"),
    ("patient_id", "Zaphod Beeblebrox", "Arthur Philip Dent"),
    ("ph_positive", "unknown", "-99"),
    ("ph_positive", "7391", "8642"),
    ("ph_positive", "ja", "da"),
    ("ph_positive", "y", "n"),
    ("ph_positive", "zaphod", "arthur"),
    ("ph_positive", "=7391", "=8642"),
    ("sex", "Female", "MALE"),
    ("costimulatory_domain", "4-1BB", "CD28"),
    ("response_day28", "No response", "Not assessed"),
    ("sex", "unknown", "-99"),
    ("sex", "7391", "8642"),
    ("sex", "femal", "mal"),
    ("target_antigen", "cd119", "cd222"),
    ("sex", "=7391", "=8642"),
    ("sex", "zzzz", "qqqq"),
    ("mrd_pct", PERCENT, OTHER_PERCENT),
    ("crp_mg_l", "7391,5", "8642,5"),
    ("crp_mg_l", "7,391", "8,642"),
    ("crp_mg_l", "-7391,5", "-8642,5"),
    ("crp_mg_l", "7,391,864", "8,642,735"),
    ("crp_mg_l", "<7391", ">8642"),
    ("crp_mg_l", "7391-05-08", "8642-06-09"),
    ("crp_mg_l", "7391 mg/dL", "8642 zaphod"),
    ("ecog", "7391 zaphod", "8642 arthur"),
    ("crp_mg_l", "\u22127391", "\u22128642"),
    ("crp_mg_l", "=7391", "@8642"),
    ("crp_mg_l", "zaphod", "arthur"),
    ("crp_mg_l", "unknown", "n.d."),
    ("crp_mg_l", "#REF!", "#DIV/0!"),
    ("crp_mg_l", "7391", "8642"),
    ("crp_mg_l", "-99", "999"),
    ("dose_1e6_per_kg", "7391864", "8642735"),
    ("creatinine_mg_dl", "739.1", "864.2"),
    ("prior_lines", "7.391", "8.642"),
]
"""Cells that are refused for the same reason: what a page shows must not tell one from the other."""


def refused(spec: FieldSpec, cell: str, *, origin: Origin | None = None) -> Problem:
    table = RawTable("c.csv", "00", (spec.name,), ((cell,),), (2,))
    with pytest.raises(CellError) as error:
        parse_cell(spec, cell)
    return cell_problem(table, 0, spec, cell, error.value, origin or Origin())


def listed_on_the_page(*problems: Problem) -> str:
    page = quality_page(Examination("c.csv", problems=problems))
    return page.partition("<ul>")[2].partition("</ul>")[0]


@pytest.mark.parametrize(("name", "cell", "other"), PAIRS)
@pytest.mark.parametrize("mapped", [False, True])
def test_the_page_does_not_tell_one_cell_from_another(name, cell, other, mapped):
    """Whatever branch refuses them, with a mapping file and without."""
    spec = all_fields()[name]
    origin = Origin({name: "site"}) if mapped else None
    first, second = (listed_on_the_page(refused(spec, each, origin=origin)) for each in (cell, other))
    assert first == second
    assert spec.name in first
    for canary in ("7391", "8642", "73.91", "7.391", "zaphod", "Zaphod"):
        assert canary not in first


def test_the_pairs_reach_every_branch_that_refuses():
    """A new branch of the parser needs a pair of its own."""
    reached: set[int] = set()
    with _lines_of_cells(reached):
        for name, cell, other in PAIRS:
            for each in (cell, other):
                with pytest.raises(CellError):
                    parse_cell(all_fields()[name], each)
    assert _refusing_lines() <= reached


@pytest.mark.parametrize(
    ("cell", "other", "numbers"),
    [
        ("73.91 kg", "86.42 kg", NumberFormat()),
        ("73.91 zaphod", "86.42 arthur", NumberFormat()),
        ("7,391", "8,642", NumberFormat()),
        ("73,91", "86,42", NumberFormat()),
        ("7 391", "8 642", NumberFormat()),
        ("12.345,6", "73.918,6", NumberFormat()),
        ("73.91", "86.42", NumberFormat(",")),
        ("0.739", "0.864", NumberFormat(",", ".")),
        ("#REF!", "#DIV/0!", NumberFormat()),
        ("n.d.", "unknown", NumberFormat()),
        ("7391-05-08", "8642-06-09", NumberFormat()),
        ("zaphod", "arthur", NumberFormat()),
    ],
)
def test_advice_of_a_mapping_does_not_tell_one_cell_from_another(cell, other, numbers):
    """The cells of a site's own table are read by other rules."""
    weight = all_fields()["weight_kg"]
    shown = [number_advice(each, weight, numbers).without_cell() for each in (cell, other)]
    assert shown[0] == shown[1] is not None


def test_advice_without_a_mark_is_not_printed():
    """The default is the safe one."""
    problem = Problem(
        Code.NOT_A_NUMBER,
        "must be a number",
        "crp_mg_l",
        row=2,
        value_text="7391,5",
        advice=Advice("write 7391.5"),
    )
    assert str(problem).endswith("write 7391.5")
    assert (
        listed_on_the_page(problem) == '<li data-code="not_a_number">crp_mg_l must be a number (row 2)</li>'
    )


def test_the_command_line_still_quotes_the_cell():
    """Whoever brought the file sees what to write."""
    assert str(refused(all_fields()["crp_mg_l"], "7391,5")).endswith(
        'decimal comma? write 7391.5, or set decimal = "," in a mapping file'
    )


def test_a_group_of_different_values_has_the_general_advice():
    """What is to be written differs from row to row; the same value keeps its own."""
    spec = all_fields()["crp_mg_l"]
    many = [
        Problem(
            Code.OUTSIDE_LIMITS, "r", "crp", row=n, value_text=f"{n},5", advice=refused(spec, f"{n},5").advice
        )
        for n in range(30)
    ]
    alike = [
        Problem(Code.OUTSIDE_LIMITS, "r", "crp", row=n, value_text="4,5", advice=refused(spec, "4,5").advice)
        for n in range(2)
    ]
    assert str(*grouped(many)).endswith('write a point, or set decimal = "," in a mapping file')
    assert "write 4.5" in str(*grouped(alike))


def test_plain_advice_differs_in_kind_by_its_words():
    """Thirty rows to correct and thirty in another unit are two problems."""
    fixes = [plain("correct the cell"), plain("cells, not millions? divide by 1e6")]
    problems = [
        Problem(Code.OUTSIDE_LIMITS, "r", "dose", row=n, value_text=str(n), advice=fixes[n % 2])
        for n in range(60)
    ]
    assert len(grouped(problems)) == 2


def _refusing_lines() -> set[int]:
    """Lines of the parser that refuse a cell or make advice."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(inspect.getsource(cells))):
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("_"):
            continue
        advises = isinstance(node.returns, ast.Name | ast.BinOp) and "Advice" in ast.unparse(node.returns)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Raise) or (advises and isinstance(inner, ast.Return)):
                found.add(inner.lineno)
    return found


@contextmanager
def _lines_of_cells(reached: set[int]) -> Iterator[None]:
    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename != cells.__file__:
            return None
        if event == "line":
            reached.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
