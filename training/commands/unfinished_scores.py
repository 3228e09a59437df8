"""Risks that are not complete yet: private, beside the file to write, and kept when a command is stopped."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import Timeout

from features.files.atomic_write import PRIVATE, write_whole
from training.commands.score_input import PartStart
from training.commands.score_parts import COMPRESSION, PARQUET, is_scored_part
from training.console.locks import InUseError, lock_held

STATE, JOINED, FILES = "state.json", "joined", "files"

PRIVATE_FOLDER = 0o700


@dataclass(frozen=True)
class State:
    """How far a command has come; nothing of a patient is in it.

    Attributes
    ----------
    key : dict of str to str
        What the risks depend on: digests of input and model, detail, file type and release of the software.
    n_infusions : int
        Of the whole input, which has been checked.
    done : int
        Infusions whose risks are kept.
    n_parts, n_bytes : int
        Parts that are kept; bytes of a CSV file.
    start : PartStart
        Where the next part begins.
    notes : dict
        Counts for the warnings at the end.
    of_files : list of int
        Parts of each file of the input so far.
    """

    key: dict[str, str]
    n_infusions: int
    done: int = 0
    n_parts: int = 0
    n_bytes: int = 0
    start: PartStart = field(default_factory=PartStart)
    notes: dict[str, Any] | None = None
    of_files: list[int] = field(default_factory=list)


class UnfinishedScores:
    """The folder of an unfinished file.

    Parameters
    ----------
    out : Path
        The file or folder to write; this folder is beside it.
    """

    def __init__(self, out: Path) -> None:
        self._target = target = out.resolve()
        self.folder = target.with_name(f".{target.name}.unfinished")
        self._joined = self.folder / JOINED
        self._state = self.folder / STATE

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one command at a time write the file.

        Raises
        ------
        InUseError
            If another command is writing it.
        """
        lock = self.folder.with_name(f"{self.folder.name}.lock")
        with ExitStack() as held:
            try:
                held.enter_context(lock_held(lock, wait=False))
            except Timeout:
                message = (
                    f"Another command is writing {self._target.name}. Wait for it to finish, "
                    "or name another file with --out"
                )
                raise InUseError(message) from None
            yield

    def earlier(self) -> State | None:
        """Read how far an earlier command came; None if there is none, or its parts are not whole."""
        try:
            read = json.loads(self._state.read_text(encoding="utf-8"))
            state = State(**{**read, "start": PartStart(*read["start"])})
            kept = self._joined.stat().st_size if state.n_bytes else 0
            whole = kept >= state.n_bytes and all(is_scored_part(self._part(at)) for at in self._parts(state))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return state if whole else None

    def begin(self, state: State, heading: bytes) -> State:
        """Start a new file; what was kept is deleted.

        Parameters
        ----------
        state : State
        heading : bytes
            First line of a CSV file; empty for Parquet.
        """
        self.discard()
        self.folder.mkdir(mode=PRIVATE_FOLDER)
        if heading:
            self._append(heading, 0)
        state = replace(state, n_bytes=len(heading))
        self._keep(state)
        return state

    def add(self, part: bytes, state: State, suffix: str) -> State:
        """Keep one more part.

        Parameters
        ----------
        part : bytes
            As `scored_part` makes it.
        state : State
            After the part; numbers of parts and bytes are added here.
        suffix : str
            Of the file to write.
        """
        if suffix == PARQUET:
            _write(self._part(state.n_parts), part, 0)
            n_bytes = 0
        else:
            self._append(part, state.n_bytes)
            n_bytes = state.n_bytes + len(part)
        file = state.start.file
        of_files = [*state.of_files, *[0] * (file + 1 - len(state.of_files))]
        of_files[file] += 1
        state = replace(state, n_parts=state.n_parts + 1, n_bytes=n_bytes, of_files=of_files)
        self._keep(state)
        return state

    def joined(self, state: State) -> Path:
        """Give the complete file, to be moved to its name."""
        if state.n_bytes:
            os.truncate(self._joined, state.n_bytes)
            return self._joined
        _join([self._part(at) for at in range(state.n_parts)], self._joined)
        return self._joined

    def joined_files(self, state: State, names: Sequence[Path]) -> Path:
        """Give the folder with a complete file for each file of the input, to be moved to its name.

        Parameters
        ----------
        state : State
            After the last part.
        names : sequence of Path
            Of the files, relative to the folder.
        """
        folder, first = self.folder / FILES, 0
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=PRIVATE_FOLDER)
        for name, n_parts in zip(names, state.of_files, strict=True):
            for above in reversed((folder / name).relative_to(folder).parents[:-1]):
                (folder / above).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            _join([self._part(at) for at in range(first, first + n_parts)], folder / name)
            first += n_parts
        return folder

    def discard(self) -> None:
        """Delete what is kept."""
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def _parts(self, state: State) -> range:
        return range(0 if state.n_bytes else state.n_parts)

    def _part(self, at: int) -> Path:
        return self.folder / f"part-{at:06}{PARQUET}"

    def _append(self, content: bytes, offset: int) -> None:
        _write(self._joined, content, offset)

    def _keep(self, state: State) -> None:
        write_whole(self._state, json.dumps(asdict(state)), private=True)


def _join(parts: Sequence[Path], file: Path) -> None:
    """Put Parquet parts into one private file, on the disk afterwards."""
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(parts[0])
    _write(file, b"", 0)
    with pyarrow.parquet.ParquetWriter(file, schema, compression=COMPRESSION) as writer:
        for part in parts:
            writer.write_table(pyarrow.parquet.read_table(part))
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def _write(path: Path, content: bytes, offset: int) -> None:
    """Write bytes at a place, and cut off what is behind them; they are on the disk afterwards."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE), "rb+") as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
