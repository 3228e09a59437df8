"""The benchmark of serving: what wrk prints is read, and its figures are tabled and drawn as ratios."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.image import imread

from serving.http.web_pages import EXAMPLE
from serving.model.trees import TREE_COLUMNS
from tests.benchmarks.performance_picture import main as draw
from tests.benchmarks.served import CONSTANT, EMPTY, MLFLOW, OURS
from tests.benchmarks.serving_result import (
    Asked,
    Machine,
    ServiceUse,
    ServingResult,
    read_result,
    write_result,
)
from tests.benchmarks.serving_table import tables
from tests.benchmarks.shap_service import Explained, write_models
from tests.benchmarks.wrk import Load, load_of


def load(times: float) -> Load:
    return Load(times, 2 * times, 3 * times, 100 / times, times / 2)


FACTORS = {EMPTY: 1.0, CONSTANT: 2.0, OURS: 3.0, MLFLOW: 12.0}
RESULT = ServingResult(
    Machine("x86_64", 2, "3.11.7"),
    {name: EMPTY if name == CONSTANT else name for name in FACTORS},
    {
        EMPTY: ServiceUse([1.0, 2.0], 100.0),
        OURS: ServiceUse([2.0, 3.0], 150.0),
        MLFLOW: ServiceUse([4.0, 8.0], 300.0),
    },
    tuple(
        Asked(name, clients, number, load(factor * (1 + number)))
        for number in range(2)
        for clients in (1, 4)
        for name, factor in FACTORS.items()
    ),
)


def test_ratios_are_of_one_round() -> None:
    """Both rounds have the same ratios, though the second took twice as long."""
    text = tables(RESULT).splitlines()
    assert text[0] == "x86_64, 2 cores, Python 3.11.7"
    assert (
        "| cart-outcomes | 4 | 4.50 (3.00 x) | 9.00 (3.00 x) | 13.5 (3.00 x) | 25 (0.33 x) | 2.25 (3.00 x) |"
    ) in text
    assert "| mlflow models serve | 4.00 x | 4.00 x |" in text
    assert "| empty endpoint | 1.5 (1.00 x) | 100 (1.00 x) |" in text
    assert "| cart-outcomes | 2.5 (1.75 x) | 150 (1.50 x) |" in text


def test_a_result_comes_back_from_its_file_and_is_drawn(tmp_path: Path) -> None:
    """The picture needs the file alone."""
    write_result(RESULT, tmp_path / "result.json")
    assert read_result(tmp_path / "result.json") == RESULT
    draw([str(tmp_path / "result.json"), "--out", str(tmp_path / "picture.png")])
    assert imread(tmp_path / "picture.png").std() > 0


OUTPUT = """Running 1s test @ http://127.0.0.1:20000/risk
  2 requests in 1.00s, 1.00MB read
FOUND {"p50": 1500.0, "p95": 2000.0, "p99": 2500.0, "answers": 4, "us": 2000000, "refused": 0, "lost": 0}
"""


def test_what_wrk_found_is_read() -> None:
    """Its times are microseconds."""
    assert load_of(OUTPUT, 0.01, "here") == Load(1.5, 2.0, 2.5, 2.0, 2.5)


@pytest.mark.parametrize(
    "output",
    ["unable to connect", *(OUTPUT.replace(f'"{name}": 0', f'"{name}": 1') for name in ("refused", "lost"))],
)
def test_requests_without_an_answer_are_an_error(output: str) -> None:
    """Their times would be those of a service that does less."""
    with pytest.raises(RuntimeError, match=r"^requests were not answered by here$"):
        load_of(output, 0.01, "here")


def test_the_plain_service_states_risks_and_contributions(tmp_path: Path) -> None:
    """One of each outcome, and a contribution of each column."""
    write_models(tmp_path / "models", ["relapse"], trees=5)
    answer = Explained(tmp_path / "models").answer(EXAMPLE)
    assert list(answer) == ["relapse"]
    assert 0 < answer["relapse"]["risk"] < 1
    assert len(answer["relapse"]["contributions"]) == len(TREE_COLUMNS)
    assert any(answer["relapse"]["contributions"].values())
