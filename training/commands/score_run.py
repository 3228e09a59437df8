"""One run of `score`: check, predict part by part, keep each part, continue after an interruption."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from features.advice import plain
from features.cohort import Cohort
from features.files.output_files import refuse_full_disk
from features.problem_codes import Code
from features.problems import DataError, Problem
from serving.answers.infusion_lines import Detail, Layout, layout_of
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from training.commands.score_input import PartStart, ScoreInput
from training.commands.score_notes import NoteCounts
from training.commands.score_parts import (
    CSV,
    PARQUET,
    csv_heading,
    expected_bytes,
    scored_part,
)
from training.commands.unfinished_scores import State, UnfinishedScores
from training.console.screen import print_line
from training.console.tables import bar

FOLDER = "folder"
SHOWN_FROM = 50_000
"""Infusions from which on progress is shown."""

_CAUSES = {"input": "the cohort", "model": "the model", "detail": "--detail", "file": "the kind of file"}
"""What a key of `State` is called, if it differs from that of the interrupted run."""


class ScoredPart(NamedTuple):
    """One part of the file to write: bytes, infusions, their notes, and where the next begins."""

    content: bytes
    n_infusions: int
    notes: dict[str, Any]
    end: PartStart


@dataclass(frozen=True)
class ScoreRun:
    """What is scored, by which model, to which file.

    Attributes
    ----------
    scorer : Scorer
    opened : ScoreInput
    unfinished : UnfinishedScores
    detail : Detail
    out : Path
        A file, or a folder for a Parquet file for each file that is read.
    """

    scorer: Scorer
    opened: ScoreInput
    unfinished: UnfinishedScores
    detail: Detail
    out: Path

    @property
    def suffix(self) -> str:
        """Which kind of file is written."""
        return PARQUET if writes_folder(self.out) else self.out.suffix.lower()

    @property
    def layout(self) -> Layout:
        """Lines and columns of the file."""
        return layout_of(self.scorer.bundle, self.detail)

    def n_risks(self, state: State) -> int:
        """Count the rows of the file."""
        return state.done * len(self.layout.lines)

    def begun(self, screen: Console) -> State:
        """Continue an interrupted run of the same input, model and options, or check the input and begin.

        Parameters
        ----------
        screen : Console
            Where it is reported.

        Raises
        ------
        DataError
            If the input is refused, or the disk has too little space.
        """
        key, earlier = self._key(), self.unfinished.earlier()
        if earlier is not None and earlier.key == key:
            done = f"{earlier.done} of {earlier.n_infusions} infusions were scored before the interruption"
            print_line(screen, f"{done}: continuing")
            return earlier
        if earlier is not None:
            causes = [name for part, name in _CAUSES.items() if earlier.key.get(part) != key[part]]
            changed = " and ".join(causes) or "the software"
            print_line(screen, f"{changed} changed since the interrupted run: starting again")
        elif self.unfinished.folder.exists():
            print_line(screen, "the interrupted run left nothing that can be used: starting again")
        n_infusions = self.opened.check(_checked_rows(screen))
        refuse_full_disk({self.out: expected_bytes(self.layout, self.suffix, n_infusions)})
        heading = csv_heading(self.layout) if self.suffix == CSV else b""
        return self.unfinished.begin(State(key, n_infusions), heading)

    def finished(
        self,
        state: State,
        screen: Console,
        *,
        cluster: Callable[[PartStart], Iterator[ScoredPart]] | None = None,
    ) -> State:
        """Score what is left, and keep every part.

        Parameters
        ----------
        state : State
            Where to begin.
        screen : Console
            Where progress is shown.
        cluster : callable, optional
            Gives the parts from a place on; they are computed here by default.

        Returns
        -------
        state : State
            After the last part.
        """
        parts = cluster or self._parts
        with _progress(screen, state) as advance:
            for part in parts(state.start):
                counts = NoteCounts(state.notes)
                counts.merge(part.notes)
                done = state.done + part.n_infusions
                after = replace(state, done=done, start=part.end, notes=counts.counts)
                state = self.unfinished.add(part.content, after, self.suffix)
                advance(part.n_infusions)
        return state

    def _parts(self, begin: PartStart) -> Iterator[ScoredPart]:
        for cohort, end in self.opened.parts(begin):
            yield part_of(self.scorer, cohort, end, detail=self.detail, suffix=self.suffix)

    def _key(self) -> dict[str, str]:
        return {
            "input": self.opened.digest,
            "model": model_digests(self.scorer.bundle),
            "detail": self.detail.value,
            "file": FOLDER if writes_folder(self.out) else self.suffix,
            "software": version("cart-outcomes"),
        }


def writes_folder(out: Path) -> bool:
    """Whether a name is that of a folder of Parquet files: it has no extension, or such a folder exists.

    Examples
    --------
    >>> writes_folder(Path("risks")), writes_folder(Path("risks.parquet"))
    (True, False)
    """
    return not out.suffix or (out.is_dir() and out.suffix.lower() not in (CSV, PARQUET))


def file_names(names: Sequence[str]) -> list[Path]:
    """Name the Parquet files of a folder after the files that are read, each another name.

    Examples
    --------
    >>> [str(name) for name in file_names(["center=A/part-0.parquet", "center=B/part-0.parquet"])]
    ['center=A/part-0.parquet', 'center=B/part-0.parquet']
    >>> [str(name) for name in file_names(["cohort.csv"])]
    ['cohort.parquet']
    >>> [str(name) for name in file_names(["a.parquet", "a.PARQUET", "a.PARQUET.parquet"])]
    ['a.parquet', 'a.PARQUET.parquet', 'a.PARQUET.parquet.parquet']
    """
    taken = {str(folder).casefold() for name in names for folder in Path(name).parents}
    paths = []
    for name in names:
        path, longer = Path(name).with_suffix(PARQUET), name
        while str(path).casefold() in taken:
            longer += PARQUET
            path = Path(longer)
        taken.add(str(path).casefold())
        paths.append(path)
    return paths


def model_digests(bundle: Bundle) -> str:
    """Write the digests of a bundle: another model at the same path has others."""
    return f"{bundle.digest} {bundle.release_digest}"


def part_of(scorer: Scorer, cohort: Cohort, end: PartStart, *, detail: Detail, suffix: str) -> ScoredPart:
    """Score a part of a cohort, and count what needs a warning."""
    counts = NoteCounts()
    counts.add(cohort.patients)
    content = scored_part(scorer, cohort, detail=detail, suffix=suffix)
    return ScoredPart(content, len(cohort), counts.counts, end)


@contextmanager
def full_disk_named(out: Path) -> Iterator[None]:
    """Say what to do when the disk is full; what is kept can be used after that."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        words = f"the file cannot be written ({error.strerror}); the risks so far are kept"
        fix = plain("free some space, and run the same command again to continue")
        raise DataError([Problem(Code.OUTPUT_NOT_WRITTEN, words, advice=fix)], source=str(out)) from None


def _checked_rows(screen: Console) -> Callable[[int], None]:
    """Report every million rows that were checked, and nothing of usual files."""
    checked = 0

    def after_rows(n_rows: int) -> None:
        nonlocal checked
        before, checked = checked, checked + n_rows
        if checked // 1_000_000 > before // 1_000_000:
            print_line(screen, f"{checked} rows checked")

    return after_rows


@contextmanager
def _progress(screen: Console, state: State) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, and elsewhere a line for each tenth; nothing for cohorts of usual size."""
    total, left = state.n_infusions, state.n_infusions - state.done
    if left < SHOWN_FROM:
        with nullcontext():
            yield lambda _: None
    elif screen.is_terminal:
        with bar("infusions scored", total) as advance:
            advance(state.done)
            yield advance
    else:
        yield _tenths(screen, state.done, total)


def _tenths(screen: Console, done: int, total: int) -> Callable[[int], None]:
    def advance(count: int) -> None:
        nonlocal done
        before, done = done, done + count
        if done * 10 // total > before * 10 // total:
            print_line(screen, f"{done} of {total} infusions scored")

    return advance
