"""A place of its own for walking a user's path: a copy of the project, empty stores, free ports."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
QUICK_TRAINING = Path("tests/e2e/quick_training")
LEFT_BEHIND = (
    ".git",
    ".venv",
    "mlruns",
    "mlartifacts",
    "mlflow.db",
    ".cart-outcomes",
    "cohorts",
    "__pycache__",
    "node_modules",
    "_build",
)


@dataclass(frozen=True)
class Workplace:
    """A copy of the project and the environment that its commands run in."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the command line to its end and expect an exit status."""
        done = self.shell(*(sys.executable, "-m", "training", *arguments))
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def shell(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            arguments, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600
        )

    def running(self, *arguments: str, until: str) -> AbstractContextManager[Running]:
        """Start the command line, wait for a line, and end it with Ctrl-C."""
        return self.started(sys.executable, "-m", "training", *arguments, until=until)

    @contextmanager
    def started(self, *arguments: str, until: str) -> Iterator[Running]:
        """Start a program, wait for a line, and end it with Ctrl-C."""
        log = self.folder / f"output-{len(list(self.folder.glob('output-*')))}.txt"
        with log.open("w") as output:
            process = subprocess.Popen(
                arguments,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            running = Running(process, log)
            try:
                running.wait_for(until)
                yield running
            finally:
                running.stop()


@dataclass(frozen=True)
class Running:
    """A command that goes on until it is stopped."""

    process: subprocess.Popen[Any]
    log: Path

    def wait_for(self, words: str, *, seconds: float = 600) -> None:
        """Wait until the output has the words."""
        deadline = time.monotonic() + seconds
        while words not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.2)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does and give its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)


def workplace(folder: Path, *, quick: bool = False) -> Workplace:
    """Copy the project, as git would hand it out, into a folder.

    Parameters
    ----------
    folder : Path
    quick : bool
        Whether its commands train with fewer repeats, draws and replicates (`QUICK_TRAINING`).
    """
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*LEFT_BEHIND, ".*_cache"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "CART_"))}
    binaries = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    store = folder / "bentoml"
    store.mkdir()
    return Workplace(
        folder,
        {
            **kept,
            "PATH": binaries,
            "BENTOML_HOME": str(store),
            "BENTOML_DO_NOT_TRACK": "True",
            "COLUMNS": "200",
            **({"PYTHONPATH": str(folder / QUICK_TRAINING)} if quick else {}),
        },
    )


def free_port() -> int:
    """Find a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def readme_blocks(mark: str, language: str) -> list[str]:
    """Find the README's code blocks behind a comment such as ``<!-- run -->``."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"<!-- {mark} -->\n```{language}\n(.*?)```", text, flags=re.DOTALL)
