"""Parts that the workers of a Dask cluster predict: each reads its rows and gives the bytes of its part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from features.problems import Refused
from serving.answers.infusion_lines import Detail
from training.commands.score_input import PartStart, StreamedInput, opened_input
from training.commands.score_run import ScoredPart, ScoreRun, model_digests, part_of

if TYPE_CHECKING:
    from serving.answers.scorer import Scorer
    from training.tasks.dask_cluster import DaskCluster

SAME_FOLDER = "let all machines see the same folder"


class Request(NamedTuple):
    """What a worker needs to score a part, beside its place.

    Parameters
    ----------
    cohort, bundle : Path
        The same on all machines.
    input_digest : str
        Of the cohort that the command has checked.
    model : str
        `model_digests` of the bundle that the command has read.
    detail : Detail
    suffix : str
        ``.csv`` or ``.parquet``.
    """

    cohort: Path
    bundle: Path
    input_digest: str
    model: str
    detail: Detail
    suffix: str


def score_cluster(address: str) -> AbstractContextManager[DaskCluster | None]:
    """Connect with a cluster while the block runs.

    Parameters
    ----------
    address : str
        Of the scheduler; empty to predict here.

    Returns
    -------
    cluster : context
        Gives None without an address.

    Raises
    ------
    ClusterError
        When it is entered, if the scheduler does not answer, or has a worker with another version of this
        software.
    """
    if not address:
        return nullcontext()
    # Dask is not always installed, and takes long to import.
    from training.tasks.dask_cluster import DaskCluster

    return DaskCluster(address, kept="the risks that are kept")


def cluster_parts(
    cluster: DaskCluster, run: ScoreRun, *, cohort: Path, bundle: Path
) -> Callable[[PartStart], Iterator[ScoredPart]]:
    """Let a cluster score.

    Parameters
    ----------
    cluster : DaskCluster
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
        If the cohort is read as a whole.
    """
    if not isinstance(run.opened, StreamedInput):
        message = f"--dask reads CSV and Parquet with the schema's columns in parts; {cohort.name} is neither"
        raise Refused(message)
    begins = run.opened.begins
    model = model_digests(run.scorer.bundle)
    request = Request(cohort.resolve(), bundle.resolve(), run.opened.digest, model, run.detail, run.suffix)

    def parts(begin: PartStart) -> Iterator[ScoredPart]:
        left = ((start, request) for start in begins() if start >= begin)
        yield from cluster.in_order(part_at, left)

    return parts


def part_at(start: PartStart, request: Request) -> ScoredPart:
    """Score the part that begins at a place: the same arguments give the same bytes on every machine.

    Parameters
    ----------
    start : PartStart
    request : Request

    Returns
    -------
    part : ScoredPart

    Raises
    ------
    Refused
        If another cohort or another model is at the path, or the cohort is replaced meanwhile.
    """
    opened = _opened_now(request.cohort, request.input_digest)
    scorer = _scorer(request.bundle, request.model)
    ((infusions, end),) = islice(opened.parts(start), 1)
    # Rows of a file that was replaced while they were read are never scored.
    opened.refuse_changed()
    return part_of(scorer, infusions, end, detail=request.detail, suffix=request.suffix)


def _opened_now(cohort: Path, digest: str) -> StreamedInput:
    """Open the cohort once, and again after a file of it was replaced or touched."""
    opened = _opened(cohort, digest)
    try:
        opened.refuse_changed()
    except (Refused, OSError):
        _opened.cache_clear()
        opened = _opened(cohort, digest)
    return opened


@lru_cache(maxsize=1)
def _opened(cohort: Path, digest: str) -> StreamedInput:
    try:
        opened = opened_input(cohort, None)
    except (Refused, OSError) as error:
        message = f"a worker cannot read {cohort}: {SAME_FOLDER} ({error})"
        raise Refused(message) from None
    if not isinstance(opened, StreamedInput) or opened.digest != digest:
        message = (
            f"a worker sees another file as {cohort.name}: {SAME_FOLDER}; "
            "if the file was replaced, run the command again"
        )
        raise Refused(message)
    return opened


@lru_cache(maxsize=1)
def _scorer(bundle: Path, model: str) -> Scorer:
    from serving.answers.scorer import Scorer
    from serving.model.released_bundle import verified_bundle

    try:
        read = verified_bundle(bundle)
    except (Refused, OSError) as error:
        message = f"a worker cannot read the bundle {bundle}: {SAME_FOLDER} ({error})"
        raise Refused(message) from None
    if model_digests(read) != model:
        message = (
            f"a worker sees another model in {bundle}: {SAME_FOLDER}; "
            "if the bundle was replaced, run the command again"
        )
        raise Refused(message)
    return Scorer(read)
