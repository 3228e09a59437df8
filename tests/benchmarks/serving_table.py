"""Tables of the serving benchmark: every figure with its ratio to the empty endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tests.benchmarks.served import MLFLOW, OURS
from tests.benchmarks.services import median_ratio
from tests.benchmarks.serving_result import ServingResult

MEASURES = {
    "p50": ("p50, ms", "{:.2f}"),
    "p95": ("p95, ms", "{:.2f}"),
    "p99": ("p99, ms", "{:.1f}"),
    "per_second": ("answers/s", "{:.0f}"),
    "cpu": ("CPU an answer, ms", "{:.2f}"),
}
"""Measures of `Load`: heading and format."""


def tables(result: ServingResult) -> str:
    """Write both tables as Markdown.

    Parameters
    ----------
    result : ServingResult

    Returns
    -------
    text : str
        A row for everything that was asked and each number of clients; the project against MLflow, which
        serves the same bundle; then a row for each service. Behind each figure is its ratio to the first.
        Ratios are medians over rounds.
    """
    machine = result.machine
    words = f"{machine.kind}, {machine.cores} cores, Python {machine.python}"
    return "\n\n".join([words, _loads(result), _against(result), _uses(result)])


def _loads(result: ServingResult) -> str:
    rows = [["asked", "clients", *(heading for heading, _ in MEASURES.values())]]
    for clients in result.clients:
        for name in result.service_of:
            cells = []
            for measure, (_, form) in MEASURES.items():
                found = result.figures(name, clients, measure)
                others = result.figures(result.reference, clients, measure)
                cells.append(f"{form.format(median(found))} ({median_ratio(found, others):.2f} x)")
            rows.append([name, str(clients), *cells])
    return _table(rows)


def _against(result: ServingResult) -> str:
    """How many times the answers of MLflow with the same bundle, in the same time."""
    heads = (f"{clients} client{'s' if clients > 1 else ''}" for clients in result.clients)
    rows = [["answers/s against", *heads]]
    for name in result.service_of:
        other = name.replace(OURS, MLFLOW, 1)
        if name.startswith(OURS) and other in result.service_of:
            figures = [
                [result.figures(each, clients, "per_second") for each in (name, other)]
                for clients in result.clients
            ]
            rows.append([other, *(f"{median_ratio(*pair):.2f} x" for pair in figures)])
    return _table(rows)


def _uses(result: ServingResult) -> str:
    first = result.use[result.service_of[result.reference]]
    rows = [["service", "start, s", "memory of all processes, MB"]]
    for name, use in result.use.items():
        start = median_ratio(use.start_seconds, first.start_seconds)
        memory = use.memory_mb / first.memory_mb
        rows.append(
            [
                name,
                f"{median(use.start_seconds):.1f} ({start:.2f} x)",
                f"{use.memory_mb:.0f} ({memory:.2f} x)",
            ]
        )
    return _table(rows)


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, f"|{' --- |' * len(rows[0])}", *body])
