"""Write a TRIPOD+AI report of a version, with every coefficient and metric."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from features.files.output_files import Output, Outputs
from features.problems import Refused
from training.commands.options import Overwrite, ShowSmallCounts, given_path

if TYPE_CHECKING:
    from serving.model.bundle import Bundle

SIZE = 10_000_000
"""Bytes that a page or its JSON may have."""
NO_CHAMPION = (
    "no version is champion yet: name a version, or release one with `cart-outcomes promote`; "
    "`cart-outcomes compare` lists them"
)


def command(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias (default: champion)")
    ] = "",
    bundle: Annotated[str, typer.Option(help="Bundle folder to use instead of a registered version")] = "",
    out: Annotated[str, typer.Option(help="Page to write (default: report-VERSION.html)")] = "",
    json: Annotated[str, typer.Option(help="JSON file to write, in full precision")] = "",
    model_card: Annotated[
        str, typer.Option(help="Applied Model Card of the Coalition for Health AI to write (XML)")
    ] = "",
    small_counts: ShowSmallCounts = False,
    overwrite: Overwrite = False,
    force: Annotated[
        bool, typer.Option("--force", hidden=True, help="Earlier name of --overwrite, for MLproject")
    ] = False,
) -> None:
    """Write a TRIPOD+AI report of a version, with every number a risk is computed from."""
    report(
        version,
        bundle=given_path(bundle),
        out=given_path(out),
        json=given_path(json),
        model_card=given_path(model_card),
        small_counts=small_counts,
        overwrite=overwrite or force,
    )


def report(
    version: str = "",
    *,
    bundle: Path | None = None,
    out: Path | None = None,
    json: Path | None = None,
    model_card: Path | None = None,
    small_counts: bool = False,
    overwrite: bool = False,
    console: Console | None = None,
) -> None:
    """Write the report of a version as a page, as JSON, as a model card, or several of them.

    Parameters
    ----------
    version : str
        Registered version or alias; the champion by default.
    bundle : Path, optional
        A bundle folder instead of a registered version.
    out, json, model_card : Path, optional
        The page, its JSON twin and the Applied Model Card; ``report-VERSION.html`` in this folder where none
        is named.
    small_counts : bool
        Whether counts of fewer than five infusions are shown.
    overwrite : bool
        Whether existing files may be replaced.
    console : Console, optional
        Where the files are listed; standard output by default.

    Raises
    ------
    Refused
        If there is no such version, its bundle is damaged, or a file cannot be written there.
    """
    # The bundle's and the page's libraries take seconds to import.
    from serving.model.released_bundle import verified_bundle
    from training.pages.applied_card.card_xml import applied_model_card
    from training.pages.report.contents import as_json, report_of
    from training.pages.report.page import report_page

    if version and bundle is not None:
        message = f"name a version or --bundle, not both: version {version} or the bundle in {bundle}"
        raise Refused(message)
    inputs = [bundle] if bundle is not None else []
    outputs = Outputs(*_files(out, json, model_card), inputs=inputs, overwrite=overwrite)
    described = verified_bundle(bundle) if bundle is not None else registered(version)
    if not outputs.files:
        out = Path(f"report-{_file_name(described.version)}.html")
        outputs = Outputs(*_files(out, json, model_card), inputs=inputs, overwrite=overwrite)
    made = report_of(described, small_counts=small_counts)
    contents = {out: report_page(made)} if out is not None else {}
    contents |= {json: as_json(made)} if json is not None else {}
    contents |= (
        {model_card: applied_model_card(described, mask=not small_counts)} if model_card is not None else {}
    )
    outputs.write(contents)
    screen = console or Console()
    open_items = sum(row.state.startswith("author") for row in made.checklist)
    for path in contents:
        screen.print(f"{path}: version {described.version}", highlight=False, markup=False, soft_wrap=True)
    if bundle is None:
        from training.tracking.release_agreement import warn_of_disagreement

        warn_of_disagreement()
    screen.print(
        f"{open_items} of {len(made.checklist)} TRIPOD+AI items need the author's input, in whole or in part",
        highlight=False,
        soft_wrap=True,
    )


def _files(out: Path | None, json: Path | None, model_card: Path | None) -> list[Output]:
    named = ((out, ".html"), (json, ".json"), (model_card, ".xml"))
    return [Output(path, suffix, n_bytes=SIZE) for path, suffix in named if path is not None]


def registered(version: str) -> Bundle:
    """Read the bundle of a registered version; of the champion where none is named.

    Raises
    ------
    Refused
        If there is no champion or no such version.
    """
    from serving.model.read_bundle import read_bundle
    from training.tracking.model_registry import CHAMPION, champion_outcomes, registered_bundle

    if version in ("", CHAMPION) and champion_outcomes() is None:
        raise Refused(NO_CHAMPION)
    return read_bundle(registered_bundle(version or CHAMPION)[1])


def _file_name(version: str) -> str:
    """Make a version part of a file name.

    Examples
    --------
    >>> _file_name("3"), _file_name("a/b")
    ('3', 'a-b')
    """
    return "".join(letter if letter.isalnum() else "-" for letter in version)
