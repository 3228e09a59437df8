"""Parts that the workers of a Dask cluster predict: each reads its rows and gives the bytes of its part."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.problems import Refused
from serving.answers.infusion_lines import Detail
from training.commands.score_input import PartStart, StreamedInput, opened_input
from training.commands.score_run import ScoredPart, ScoreRun, part_of

if TYPE_CHECKING:
    from serving.answers.scorer import Scorer

AHEAD = 2
"""Parts that wait for each thread of the workers."""


def cluster_parts(
    address: str, run: ScoreRun, *, cohort: Path, bundle: Path
) -> Callable[[PartStart], Iterator[ScoredPart]]:
    """Let a cluster score.

    Parameters
    ----------
    address : str
        Of the scheduler.
    run : ScoreRun
        Of a cohort that is read in parts.
    cohort, bundle : Path
        Workers read both at the same paths.

    Returns
    -------
    parts : callable
        Gives the parts from a place on, in the order of the file.

    Raises
    ------
    Refused
        If the cohort is read as a whole, or the library is not installed.
    """
    if not isinstance(run.opened, StreamedInput):
        message = f"--dask reads CSV and Parquet with the schema's columns in parts; {cohort.name} is neither"
        raise Refused(message)
    begins = run.opened.begins

    def parts(begin: PartStart) -> Iterator[ScoredPart]:
        left = [start for start in begins() if start >= begin]
        settings = (cohort.resolve(), bundle.resolve(), run.opened.digest, run.detail, run.suffix)
        with _client(address) as client:
            yield from _in_order(client, part_at, left, settings)

    return parts


def part_at(
    start: PartStart, cohort: Path, bundle: Path, digest: str, detail: Detail, suffix: str
) -> ScoredPart:
    """Score the part that begins at a place: the same arguments give the same bytes on every machine.

    Parameters
    ----------
    start : PartStart
    cohort, bundle : Path
    digest : str
        Of the cohort; another file at the same path is refused.
    detail : Detail
    suffix : str
        ``.csv`` or ``.parquet``.
    """
    opened = _opened(cohort)
    opened.refuse_changed()
    if opened.digest != digest:
        message = f"a worker sees another file as {cohort.name}; let all machines see the same folder"
        raise Refused(message)
    ((infusions, end),) = islice(opened.parts(start), 1)
    return part_of(_scorer(bundle), infusions, end, detail=detail, suffix=suffix)


def _in_order(
    client: Any, function: Any, starts: list[PartStart], settings: tuple[Any, ...]
) -> Iterator[Any]:
    """Keep every worker busy, and give results in the order of the places."""
    most = AHEAD * max(1, sum(client.nthreads().values()))
    waiting: deque[Any] = deque()
    for start in starts:
        waiting.append(client.submit(function, start, *settings, pure=False))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _client(address: str) -> Any:
    try:
        client = import_module("distributed").Client
    except ImportError:
        message = "--dask needs the library distributed: pip install 'cart-outcomes[cluster]'"
        raise Refused(message) from None
    try:
        return client(address, timeout="10s")
    except (OSError, ValueError) as error:
        message = f"no Dask scheduler answers at {address}: {error}"
        raise Refused(message) from None


@lru_cache(maxsize=1)
def _scorer(bundle: Path) -> Scorer:
    from serving.answers.scorer import Scorer
    from serving.model.released_bundle import verified_bundle

    return Scorer(verified_bundle(bundle))


@lru_cache(maxsize=1)
def _opened(cohort: Path) -> Any:
    return opened_input(cohort, None)
