"""Commands that the documents show: found by their mark, and run as a reader would run them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.workplace import PROJECT, Workplace, free_port

DOCUMENTS = PROJECT / "docs"
FENCE = re.compile(r"(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
PORTS = ("3000", "5000", "5002", "5432")
"""As the documents write them; each is another, free one where the commands are run."""


@dataclass(frozen=True)
class Block:
    """One fenced block of a document.

    Attributes
    ----------
    line : int
        Where it starts.
    mark : str
        What the comment before it says; empty without one.
    language : str
    text : str
    """

    line: int
    mark: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Find the fenced blocks of a document, in their order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            text.count("\n", 0, found.start()) + 1,
            found["mark"] or "",
            found["language"],
            found["text"],
        )
        for found in FENCE.finditer(text)
    ]


def shown_in(output: str, shown: str) -> bool:
    r"""Whether lines that a document shows come in an output, in their order.

    Parameters
    ----------
    output : str
    shown : str
        Lines; ``...`` stands for anything, also within a line.

    Examples
    --------
    >>> shown_in("one patient\nrisk 0.21\ndone\n", "one ...\n...\ndone")
    True
    >>> shown_in("one patient\n", "two ...")
    False
    """
    parts = [re.escape(part) for part in re.split(r"\.\.\.", shown.strip())]
    return re.search("(?s:.*?)".join(parts), output) is not None


class Reader:
    """Runs the blocks of a page one after the other in one place, as one shell would.

    Parameters
    ----------
    place : Workplace
    ports : dict of str to int, optional
        Of services that are there already, by the port that documents give them.
    """

    def __init__(self, place: Workplace, ports: dict[str, int] | None = None) -> None:
        self.place = place
        self.ports = {port: str((ports or {}).get(port) or free_port()) for port in PORTS}
        self.exports: list[str] = []
        self.output = ""

    def read(self, page: Path) -> None:
        """Run what is to be run and look for what is shown."""
        with ExitStack() as running:
            for block in blocks(page):
                where = f"{page.name}, line {block.line}"
                if block.mark == "output":
                    assert shown_in(self.output, block.text), (
                        f"{where} shows what did not come:\n{self.output}"
                    )
                elif block.mark.startswith("background until: "):
                    self._start(block, running)
                elif block.mark in {"run", "refused"}:
                    self._run(block, where)

    def _run(self, block: Block, where: str) -> None:
        text = self._here(block.text)
        self.exports += [line for line in text.splitlines() if line.startswith("export ")]
        done = self.place.shell("bash", "-euo", "pipefail", "-c", "\n".join([*self.exports, text]))
        self.output = done.stdout + done.stderr
        assert done.returncode == (1 if block.mark == "refused" else 0), f"{where}:\n{self.output}"

    def _start(self, block: Block, running: ExitStack) -> None:
        command = "\n".join([*self.exports, f"exec {self._here(block.text)}"])
        words = self._here(block.mark.removeprefix("background until: "))
        running.enter_context(self.place.started("bash", "-c", command, until=words))

    def _here(self, text: str) -> str:
        for port, free in self.ports.items():
            text = re.sub(rf"\b{port}\b", free, text)
        return text


def docker_runs() -> bool:
    """Whether there is a container engine; its client alone builds nothing."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def pages() -> Iterator[Path]:
    """Every document that people read."""
    yield from (PROJECT / "README.md", PROJECT / "CONTRIBUTING.md")
    yield from sorted(DOCUMENTS.glob("*.md"))


def program(line: str) -> tuple[str, ...]:
    """Name the words of a command line that a test has to have which runs it.

    Examples
    --------
    >>> program("mlflow run . --env-manager local"), program("python -m tests.benchmarks.recovery")
    (('mlflow', 'run'), ('recovery',))
    >>> program("cart-outcomes check table.csv")
    ('"check"',)
    """
    if line.startswith("python -c "):
        return tuple(re.findall(r"\w+\.[\w.]+(?=\()", line))
    name, *rest = [word for word in line.split() if not word.startswith("-")]
    if name == "python":
        return (rest[0].split(".")[-1],)
    return (f'"{rest[0]}"',) if name == "cart-outcomes" else (name, rest[0])
