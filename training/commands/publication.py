"""Write tables, figures and a model card for a manuscript."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from features.files.output_folder import OutputFolder
from features.problems import Refused, counted
from features.read_cohort import read_cohort
from training.commands.options import (
    DEFAULT_SEED,
    AssumeRemission,
    CohortFile,
    Grading,
    MappingFile,
    Overwrite,
    ShowSmallCounts,
    given_path,
)
from training.commands.report import registered
from training.commands.requested_config import requested_config
from training.console.screen import print_line
from training.dataset.fit_config import FitConfig

if TYPE_CHECKING:
    from features.cohort import Cohort
    from serving.model.bundle import Bundle

SIZE = 10_000_000
"""Bytes that all files may have."""
OPENINGS = ("table-", "figure-", "tables.docx", "model-card.xml")
"""How the names of the files start."""
WIDTHS = ("single", "one-and-a-half", "double")
"""Of `JournalWidth`, whose drawing library takes seconds to import."""


def command(
    cohort: CohortFile,
    out: Annotated[str, typer.Option(metavar="FOLDER", help="Folder to write")],
    version: Annotated[str, typer.Option(help="Registered version or alias (default: champion)")] = "",
    bundle: Annotated[str, typer.Option(help="Bundle folder to use instead of a registered version")] = "",
    by: Annotated[
        str,
        typer.Option(
            help="Groups of Table 1: an outcome, center or none (default: the model's first outcome)"
        ),
    ] = "",
    width: Annotated[
        str, typer.Option(help="Width of figures: single (89 mm), one-and-a-half (120) or double (183)")
    ] = "single",
    mask: Annotated[
        bool, typer.Option("--mask/--no-mask", help="Mask counts of fewer than five patients")
    ] = True,
    small_counts: ShowSmallCounts = False,
    mapping: MappingFile = "",
    allow_grading: Grading = "",
    assume_remission: AssumeRemission = True,
    overwrite: Overwrite = False,
) -> None:
    """Write tables, figures and a model card for a manuscript."""
    config = requested_config(outcomes=(), allow_grading=allow_grading, seed=DEFAULT_SEED)
    publication(
        cohort,
        Path(out),
        version=version,
        bundle=given_path(bundle),
        by=by,
        width=width,
        mask=mask and not small_counts,
        mapping=given_path(mapping),
        config=replace(config, assume_remission=assume_remission),
        overwrite=overwrite,
    )


def publication(
    cohort: Path,
    out: Path,
    *,
    version: str = "",
    bundle: Path | None = None,
    by: str = "",
    width: str = "single",
    mask: bool = True,
    mapping: Path | None = None,
    config: FitConfig | None = None,
    overwrite: bool = False,
    console: Console | None = None,
) -> None:
    """Write the folder of a publication.

    Parameters
    ----------
    cohort : Path
        The cohort that is described: CSV, Excel, Parquet, SPSS, Stata or SAS file.
    out : Path
        Folder to write, whole or not at all.
    version : str
        Registered version or alias; the champion by default.
    bundle : Path, optional
        A bundle folder instead of a registered version.
    by : str
        Groups of Table 1: an outcome, ``center`` or ``none``; the model's first outcome by default.
    width : str
        Of figures, an entry of `WIDTHS`.
    mask : bool
        Whether counts of fewer than five patients, and what would give them away, are masked.
    mapping : Path, optional
        TOML file for a site's own table.
    config : FitConfig, optional
        How outcomes are read off the cohort; the estimand is that of the model.
    overwrite : bool
        Whether an earlier folder may be replaced.
    console : Console, optional
        Where the files are listed; standard output by default.

    Raises
    ------
    Refused
        If there is no such version, the cohort has problems or cannot be grouped so, or the folder cannot be
        written.
    """
    if version and bundle is not None:
        message = f"name a version or --bundle, not both: version {version} or the bundle in {bundle}"
        raise Refused(message)
    if width not in WIDTHS:
        message = f"--width must be one of {', '.join(WIDTHS)}, got {width}"
        raise Refused(message)
    inputs = [each for each in (cohort, mapping, bundle) if each is not None]
    folder = publication_folder(out, inputs=inputs, overwrite=overwrite)
    described = read_cohort(cohort, mapping=mapping)
    # The bundle's and the figures' libraries take seconds to import.
    from serving.model.released_bundle import verified_bundle
    from training.figures.journal_style import JournalWidth
    from training.pages.publication.contents import Request, publication_files

    model = verified_bundle(bundle) if bundle is not None else registered(version)
    request = Request(
        by=by or next(iter(model.models)),
        width=JournalWidth(width),
        mask=mask,
        config=replace(config or FitConfig(), estimand=model.estimand),
    )
    files = publication_files(model, described, request)
    folder.write(files)
    _show(console or Console(), out, files, model, described, mask=mask)


def publication_folder(out: Path, *, inputs: Iterable[Path] = (), overwrite: bool = False) -> OutputFolder:
    """Check the folder to write before the work; the manuscript beside the files is never replaced."""

    def ours(file: Path) -> bool:
        return file.parent == out and file.name.startswith(OPENINGS)

    return OutputFolder(out, ours=ours, n_bytes=SIZE, inputs=inputs, overwrite=overwrite)


def _show(
    screen: Console, out: Path, files: dict[str, bytes], model: Bundle, cohort: Cohort, *, mask: bool
) -> None:
    n_tables, n_figures = (len([name for name in files if name.endswith(end)]) for end in (".csv", ".pdf"))
    print_line(screen, f"{out}: version {model.version} on {cohort.name}")
    print_line(screen, f"  {counted(n_tables, 'table')} as CSV, all in tables.docx with the captions")
    print_line(screen, f"  {counted(n_figures, 'figure')} as SVG and PDF; model-card.xml")
    if model.cohort.trained and model.cohort.sha256 != cohort.sha256:
        print_line(
            screen,
            f"{cohort.name} is not the training cohort: tables of performance and figures of calibration and "
            f"decision are of {model.cohort.name}",
        )
    print_line(
        screen,
        "counts of fewer than five patients are masked; --show-small-counts shows them"
        if mask
        else "small counts are shown: check whether the folder may leave the center",
    )
