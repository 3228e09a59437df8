"""How fast the service answers, beside others: ``python -m tests.benchmarks.serving --bundle FOLDER``.

All services run at the same time and are asked in turn, so that a busy machine slows all of them alike.
Ratios are medians over rounds of what was measured side by side. Nothing is judged: times are of this
machine, ratios travel.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.served import Served, services
from tests.benchmarks.services import Service, start_seconds, started
from tests.benchmarks.serving_result import Asked, Machine, ServiceUse, ServingResult, write_result
from tests.benchmarks.serving_table import tables
from tests.benchmarks.wrk import asked, wrk_program
from tests.debian import NotInstalledError
from training.tasks.cores import usable_cores

CLIENTS = (1, 4, 16, 64)
ROUNDS, SECONDS = 3, 3
QUICK_CLIENTS, QUICK_ROUNDS, QUICK_SECONDS = (1, 16), 1, 1


def measured(
    bundles: Sequence[Path], folder: Path, *, clients: Sequence[int], rounds: int, seconds: float
) -> ServingResult:
    """Start all services, and ask them in turn.

    Parameters
    ----------
    bundles : sequence of Path
        Bundle folders.
    folder : Path
        For files of the services.
    clients : sequence of int
    rounds : int
    seconds : float
        Of each asking.

    Returns
    -------
    result : ServingResult
    """
    wrk = wrk_program()
    commands, targets = services(bundles, folder)
    starts = start_seconds(commands, folder, rounds)
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(started(command, folder / f"running-{place}"))
            for place, (name, command) in enumerate(commands.items())
        }
        for target in targets.values():
            asked(wrk, running[target.service], target.question, folder, clients=1, seconds=1)
        loads = _in_turn(wrk, running, targets, folder, clients=clients, rounds=rounds, seconds=seconds)
        use = {name: ServiceUse(starts[name], service.memory) for name, service in running.items()}
    machine = Machine(platform.machine(), usable_cores(), platform.python_version())
    return ServingResult(machine, {name: each.service for name, each in targets.items()}, use, loads)


def _in_turn(
    wrk: str,
    running: Mapping[str, Service],
    targets: Mapping[str, Served],
    folder: Path,
    *,
    clients: Sequence[int],
    rounds: int,
    seconds: float,
) -> tuple[Asked, ...]:
    found = []
    for number in range(rounds):
        for count in clients:
            for name, target in targets.items():
                service = running[target.service]
                load = asked(wrk, service, target.question, folder, clients=count, seconds=seconds)
                found.append(Asked(name, count, number, load))
    return tuple(found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables; write the result if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True, nargs="+", help="Bundle folders to serve")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="Of each asking")
    parser.add_argument("--quick", action="store_true", help="One short round of 1 and 16 clients")
    parser.add_argument("--out", type=Path, help="JSON file to write the result to")
    given = parser.parse_args(arguments)
    if given.quick:
        given.clients, given.rounds, given.seconds = QUICK_CLIENTS, QUICK_ROUNDS, QUICK_SECONDS
    with tempfile.TemporaryDirectory() as scratch:
        try:
            result = measured(
                given.bundle, Path(scratch), clients=given.clients, rounds=given.rounds, seconds=given.seconds
            )
        except NotInstalledError as missing:
            parser.exit(1, f"{missing}\n")
    sys.stdout.write(tables(result) + "\n")
    if given.out is not None:
        write_result(result, given.out)


if __name__ == "__main__":
    main()
