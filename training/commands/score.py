"""Predict the risks of every infusion of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.files.output_files import Output, Outputs
from features.files.output_folder import OutputFolder
from features.problems import counted
from serving.answers.infusion_lines import Detail
from training.commands.options import BundleFolder, MappingFile, Overwrite, given_path
from training.commands.score_parts import PARQUET, detail_named, is_scored_part

HELP = (
    "Cohort file with the schema's columns; CSV and Parquet files of any length, and folders of Parquet "
    "files, are read in parts, other files as a whole"
)


def command(
    cohort: Annotated[Path, typer.Argument(readable=False, help=HELP)],
    out: Annotated[
        Path,
        typer.Option(
            readable=False,
            help="Risks to write: a CSV or Parquet file; without an extension, a folder with one Parquet "
            "file for each file of the cohort",
        ),
    ],
    bundle: BundleFolder = "",
    detail: Annotated[
        str,
        typer.Option(
            metavar="DETAIL",
            help="What to write: risk, interval (risk and interval) or contributions (also each field's "
            "contribution to the risk, in log-odds)",
        ),
    ] = Detail.INTERVAL.value,
    contributions: Annotated[
        bool,
        typer.Option("--contributions/--no-contributions", help="Shorter name of --detail contributions"),
    ] = False,
    mapping: MappingFile = "",
    dask: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Scheduler of a Dask cluster whose workers predict, e.g. tcp://127.0.0.1:8786; they must "
            "see the cohort and the bundle at the same paths",
        ),
    ] = "",
    overwrite: Overwrite = False,
) -> None:
    """Predict risks for every infusion.

    A command that was stopped continues where it stopped when it is run again.
    """
    score(
        cohort,
        out,
        bundle=given_path(bundle),
        detail=detail_named(detail, contributions=contributions),
        mapping=given_path(mapping),
        dask=dask,
        overwrite=overwrite,
    )


def score(
    cohort: Path,
    out: Path,
    *,
    bundle: Path | None = None,
    detail: Detail = Detail.INTERVAL,
    mapping: Path | None = None,
    dask: str = "",
    overwrite: bool = False,
) -> None:
    """Write the risks of a cohort as CSV or Parquet, in one file or in one for each file of the cohort.

    Parameters
    ----------
    cohort : Path
        The cohort; follow-up columns are not needed.
    out : Path
        One row per infusion, outcome and horizon. Its extension says which kind of file. Without one it is a
        folder: it gets a Parquet file for each file of the cohort, by the same name in the same folders.
    bundle : Path, optional
        A bundle folder; the released one by default.
    detail : Detail
        Whether to write intervals, and ``risk_among``, ``reference_log_odds`` and a column
        ``contribution_<field>`` for every field.
    mapping : Path, optional
        Maps a site's own table.
    dask : str
        Address of the scheduler of a cluster; empty to predict here.
    overwrite : bool
        Whether an earlier file may be replaced.

    Raises
    ------
    Refused
        If the cohort, the bundle or the cluster is refused, or the file cannot be written there.
    """
    # The scorer's libraries take seconds to import.
    from serving.answers.scorer import Scorer
    from serving.model.released_bundle import cautions_of, released_bundle, verified_bundle
    from training.commands.score_cluster import cluster_parts, score_cluster
    from training.commands.score_input import opened_input
    from training.commands.score_notes import NoteCounts
    from training.commands.score_run import ScoreRun, file_names, full_disk_named, writes_folder
    from training.commands.unfinished_scores import UnfinishedScores
    from training.console.interruption import told_when_stopped

    inputs = [path for path in (cohort, mapping, bundle) if path is not None]
    in_folder = writes_folder(out)
    outputs = _outputs(out, inputs, overwrite=overwrite, in_folder=in_folder)
    folder = bundle or released_bundle()
    scorer = Scorer(verified_bundle(folder))
    screen = Console(stderr=True, soft_wrap=True)
    for caution in cautions_of(folder, scorer.bundle):
        screen.print(f"warning: {caution}", highlight=False, markup=False)
    if bundle is None:
        # MLflow takes seconds to import, and a bundle folder does without it.
        from training.tracking.release_agreement import warn_before_serving

        warn_before_serving()
    unfinished = UnfinishedScores(out)
    # A cluster that cannot be used is named before a cohort of any length is read.
    with unfinished.locked(), full_disk_named(out), score_cluster(dask) as cluster:
        run = ScoreRun(scorer, opened_input(cohort, mapping), unfinished, detail, out)
        parts = cluster_parts(cluster, run, cohort=cohort, bundle=folder) if cluster else None
        state = run.begun(screen)
        with told_when_stopped("stopped: run the same command again to continue"):
            state = run.finished(state, screen, cluster=parts)
            names = file_names(run.opened.names)
            outputs.move(unfinished.joined_files(state, names) if in_folder else unfinished.joined(state))
            unfinished.discard()
    synthetic = "; the model was trained on a SYNTHETIC cohort" if scorer.bundle.cohort.synthetic else ""
    scored = f"{counted(state.done, 'infusion')} scored by {scorer.bundle.named}"
    screen.print(scored, highlight=False, markup=False)
    screen.print(f"{counted(run.n_risks(state), 'risk')} in {out}{synthetic}", highlight=False, markup=False)
    for note in NoteCounts(state.notes).notes(scorer.bundle):
        screen.print(note, highlight=False, markup=False)


def _outputs(out: Path, inputs: list[Path], *, overwrite: bool, in_folder: bool) -> Outputs | OutputFolder:
    """Refuse what must not be written, before the bundle is read."""
    if in_folder:
        return OutputFolder(out, ours=is_scored_part, inputs=inputs, overwrite=overwrite)
    file = Output(out, patients=True, other_suffixes=(PARQUET,))
    return Outputs(file, inputs=inputs, overwrite=overwrite)
