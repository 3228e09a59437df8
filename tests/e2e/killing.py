"""Promotions killed at a call, each in a process of its own; run as a program in an empty folder.

The parent imports everything once and opens neither MLflow nor the store: every step is a fork of it. It
prints one JSON line for each call at which a promotion was killed.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import training.commands.promotion_steps  # noqa: F401 - imported once, before the forks
from serving.model.released_bundle import model_folder, pointed_at
from serving.release.release_log import read_log
from tests.faults import Faults, injected, kill_for_good
from tests.releases import State, aliases, another, champion, linear, promoted, register, served
from training.release.bento_store import release_folder
from training.tracking.release_agreement import disagreement

KILLED = 9


def in_fork(step: Callable[[], object]) -> int:
    """Run a step in a process of its own; give the signal that ended it, 0 for none."""
    child = os.fork()
    if not child:
        try:
            step()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(f"a step failed, see above: {step}")
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def prepare() -> None:
    """Register two versions, release the first, and count the calls of a promotion of the second."""
    here = Path.cwd()
    register(linear(), here / "one")
    register(another(), here / "two")
    promoted("1")
    (here / "kept").mkdir()
    State(here, here / "kept").keep()
    with injected(Faults(release_folder().parent)) as faults:
        promoted("2")
    (here / "calls.json").write_text(json.dumps(faults.seen))


def kill(at: int, after: bool) -> None:
    """Promote and be killed at a call."""
    State(Path.cwd(), Path.cwd() / "kept").restore()
    with injected(Faults(release_folder().parent, at, after, kill_for_good)):
        promoted("2")


def look(at: int, after: bool, name: str) -> None:
    """Say what is served, what MLflow has, what the next command reports, and how promoting again ends."""
    found, known = served(), champion()
    stated = {
        "call": at,
        "name": name,
        "after": after,
        "served": found.version if found is not None else "",
        "pointer": pointed_at(),
        "champion": known.version if known is not None else "",
        "reported": disagreement(),
    }
    again = promoted("2")
    found = served()
    print(  # noqa: T201
        json.dumps(
            stated
            | {
                "again": again,
                "then_served": found.version if found is not None else "",
                "aliases": aliases(),
                "then_reported": disagreement(),
                "then_pointer": pointed_at(),
                "log": [line.entry.stored for line in read_log()],
                "stored": sorted(folder.name for folder in model_folder().glob("*/")),
                "left": [file.name for file in release_folder().rglob("*.json")],
            }
        ),
        flush=True,
    )


def main(chosen: list[str]) -> None:
    """Kill at the calls of these names, or at every call."""
    in_fork(prepare)
    names = json.loads(Path("calls.json").read_text())
    for at, name in enumerate(names):
        if chosen and name not in chosen:
            continue
        for after in (False, True):
            if in_fork(lambda at=at, after=after: kill(at, after)) != KILLED:
                sys.exit(f"the promotion was not killed at call {at}, {name}")
            in_fork(lambda at=at, after=after, name=name: look(at, after, name))


if __name__ == "__main__":
    main(sys.argv[1:])
