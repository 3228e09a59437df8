"""Memory and throughput of several workers: ``python -m tests.benchmarks.workers --bundle FOLDER``.

The services run at the same time and are asked in turn. The ratio to the first is the median over rounds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from serving.http.worker_processes import WORKERS
from serving.model.released_bundle import BUNDLE_VARIABLE
from tests.benchmarks.served import BENTO, RISK
from tests.benchmarks.services import Command, median_ratio, started
from tests.benchmarks.wrk import Load, asked, wrk_program
from tests.debian import NotInstalledError
from tests.e2e.workplace import PROJECT

CLIENTS, ROUNDS, SECONDS = 16, 5, 3


def measured(
    bundle: Path, folder: Path, workers: Sequence[int], *, clients: int, rounds: int, seconds: float
) -> tuple[dict[int, list[Load]], dict[int, float]]:
    """Start a service for each number of workers, and ask them in turn.

    Parameters
    ----------
    bundle : Path
        Bundle folder.
    folder : Path
        For files of the services.
    workers : sequence of int
    clients, rounds : int
    seconds : float
        Of each asking.

    Returns
    -------
    loads : dict of int to list of Load
        By number of workers, one a round.
    memory : dict of int to float
        Of all processes after the last round, shared parts once, MB.
    """
    wrk = wrk_program()
    with ExitStack() as stack:
        running = {
            number: stack.enter_context(started(_command(bundle, number), folder / f"workers-{number}"))
            for number in workers
        }
        loads: dict[int, list[Load]] = {number: [] for number in workers}
        for _ in range(rounds + 1):
            for number, service in running.items():
                load = asked(wrk, service, RISK, folder, clients=clients, seconds=seconds)
                loads[number].append(load)
        # In the first round, the workers read what they need.
        counted = {number: each[1:] for number, each in loads.items()}
        return counted, {number: service.memory for number, service in running.items()}


def table(loads: Mapping[int, Sequence[Load]], memory: Mapping[int, float]) -> str:
    """Write a row for each number of workers.

    Examples
    --------
    >>> slow, fast = Load(9, 9, 9, 100, 5), Load(5, 5, 5, 180, 5.5)
    >>> print(table({1: [slow], 2: [fast]}, {1: 180, 2: 230}))
    | workers | memory, MB | answers/s | times the first | CPU an answer, ms |
    | --- | --- | --- | --- | --- |
    | 1 | 180 | 100 | 1.00 | 5.00 |
    | 2 | 230 | 180 | 1.80 | 5.50 |
    """
    lines = ["| workers | memory, MB | answers/s | times the first | CPU an answer, ms |"]
    lines.append("| --- | --- | --- | --- | --- |")
    rates = {number: [load.per_second for load in each] for number, each in loads.items()}
    first = next(iter(rates.values()))
    for number, each in rates.items():
        cpu = median(load.cpu for load in loads[number])
        ratio = median_ratio(each, first)
        lines.append(f"| {number} | {memory[number]:.0f} | {median(each):.0f} | {ratio:.2f} | {cpu:.2f} |")
    return "\n".join(lines)


def _command(bundle: Path, workers: int) -> Command:
    return Command(
        (*BENTO, "--working-dir", str(PROJECT), "serving.service:RiskService"),
        environment={BUNDLE_VARIABLE: str(bundle.resolve()), WORKERS.variable: str(workers)},
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True, help="Bundle folder to serve")
    parser.add_argument("--workers", type=int, nargs="+", default=(1, 2, 4))
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="Of each asking")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            loads, memory = measured(
                given.bundle,
                Path(scratch),
                given.workers,
                clients=given.clients,
                rounds=given.rounds,
                seconds=given.seconds,
            )
        except NotInstalledError as missing:
            parser.exit(1, f"{missing}\n")
    sys.stdout.write(table(loads, memory) + "\n")


if __name__ == "__main__":
    main()
