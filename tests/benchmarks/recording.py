"""What a row of the record costs: rows a second, and CPU time a row, at several numbers of callers.

``python -m tests.benchmarks.recording record.toml --rows 3000`` writes answers into the record of these
settings; name a record of its own. Rows have 20 risks, as many as an answer to a patient has.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from serving.record.answer_row import AnswerRow, RecordedRisk
from serving.record.recorder import Recorder
from serving.record.settings import read_settings

CALLERS = (1, 16)
RISKS = tuple(RecordedRisk(f"outcome_{number}", 30, 0.1234567, 0.0512345, 0.2512345) for number in range(20))
INPUTS = {f"field_{number}": number * 1.5 for number in range(30)}


@dataclass(frozen=True)
class Cost:
    """What was measured.

    Attributes
    ----------
    callers : int
    rows_a_second : float
    cpu_microseconds : float
        Of this process, a row; a database server's own is not in it.
    milliseconds : float
        From handing a row over to its acknowledgement, on average.
    """

    callers: int
    rows_a_second: float
    cpu_microseconds: float
    milliseconds: float


async def measured(recorder: Recorder, callers: int, rows: int) -> Cost:
    """Write rows from several callers, each one row at a time.

    Parameters
    ----------
    recorder : Recorder
    callers : int
    rows : int
        By all callers together.
    """
    each = rows // callers
    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_write(recorder, f"{callers}-{number}", each) for number in range(callers)))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    written = each * callers
    return Cost(callers, written / seconds, cpu / written * 1e6, seconds / each * 1e3)


async def _write(recorder: Recorder, name: str, rows: int) -> None:
    for number in range(rows):
        await recorder.write([_row(f"{name}-{number}")])


def _row(name: str) -> AnswerRow:
    now = datetime.now(UTC)
    return AnswerRow(
        name, now, "key:1a2b3c4d", "api", "7", "9f" * 32, INPUTS, ("ldh",), RISKS, ("rare_option",)
    )


async def _main(settings: Path, rows: int) -> None:
    recorder = Recorder(read_settings(settings))
    try:
        await recorder.write([_row("first")])
        for callers in CALLERS:
            cost = await measured(recorder, callers, rows)
            sys.stdout.write(
                f"{cost.callers:3} callers  {cost.rows_a_second:7.0f} rows/s  "
                f"{cost.cpu_microseconds:5.0f} us CPU/row  {cost.milliseconds:6.2f} ms\n"
            )
    finally:
        recorder.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", type=Path)
    parser.add_argument("--rows", type=int, default=3000)
    given = parser.parse_args()
    asyncio.run(_main(given.settings, given.rows))
