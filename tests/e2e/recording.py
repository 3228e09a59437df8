"""Eight callers of a recorder, run as a program: it prints each prediction id after its row was acknowledged.

``python -m tests.e2e.recording SETTINGS PREFIX`` writes until it is killed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

from serving.record.record_error import RecordError
from serving.record.recorder import Recorder
from tests.kept_answers import KeptAnswers, answer

CALLERS = 8


async def write(recorder: Recorder, prefix: str) -> None:
    """Write one answer after the other."""
    for number in count():
        name = f"{prefix}-{number}"
        with suppress(RecordError):  # in time, on a busy machine
            await recorder.write([answer(name)])
            os.write(sys.stdout.fileno(), f"{name}\n".encode())


async def main(settings: Path, prefix: str) -> None:
    """Write as several callers at once."""
    recorder = KeptAnswers(settings).recorder()
    recorder.prepare()
    await asyncio.gather(*(write(recorder, f"{prefix}-{caller}") for caller in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
