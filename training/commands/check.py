"""Check a cohort: list every problem, or summarize it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.files.output_files import Output, Outputs
from features.mapping.file import linked_files
from features.problems import DataError, Refused, counted
from training.commands.check_summary import show_summary
from training.commands.examination import Examined, examine_file
from training.commands.options import CohortFile, MappingFile, Overwrite, ShowSmallCounts, given_path
from training.console.screen import print_line

SIZE = 10_000_000
"""Bytes that a page or a list may have."""
TABLES = (".csv", ".xlsx")


def command(
    cohort: CohortFile,
    mapping: MappingFile = "",
    html: Annotated[
        str, typer.Option(help="Data-quality page to write (HTML), for use inside the center only")
    ] = "",
    json: Annotated[str, typer.Option(help="File for problems and remarks as data (JSON)")] = "",
    fix_list: Annotated[
        str, typer.Option(help="List of cells to correct, for the data manager (Excel or CSV)")
    ] = "",
    compare_with: Annotated[
        str, typer.Option(metavar="EARLIER", help="Earlier delivery of the same cohort")
    ] = "",
    compare_mapping: Annotated[
        str, typer.Option(help="TOML file for the earlier delivery (default: --mapping)")
    ] = "",
    deliveries: Annotated[str, typer.Option(help="Page that compares the deliveries (HTML)")] = "",
    deliveries_json: Annotated[str, typer.Option(help="File for the same comparison as data (JSON)")] = "",
    changes: Annotated[
        str, typer.Option(help="List of changed cells with identifiers and values (CSV), for the center only")
    ] = "",
    in_order: Annotated[
        bool,
        typer.Option(
            "--rows-in-order/--rows-in-any-order",
            help="Rows are in the order of the infusions, first to last",
        ),
    ] = False,
    small_counts: ShowSmallCounts = False,
    overwrite: Overwrite = False,
) -> None:
    """Check a cohort file: list every problem, or summarize the cohort."""
    check(
        cohort,
        given_path(mapping),
        html=given_path(html),
        json=given_path(json),
        fix_list=given_path(fix_list),
        earlier=_earlier(compare_with, compare_mapping or mapping, deliveries, deliveries_json, changes),
        in_order=in_order,
        small_counts=small_counts,
        overwrite=overwrite,
    )


@dataclass(frozen=True)
class Earlier:
    """An earlier delivery, and where the comparison with it goes.

    Parameters
    ----------
    file : Path
    mapping : Path, optional
    html, json, changes : Path, optional
        Page, data, and list of changed cells.
    """

    file: Path
    mapping: Path | None = None
    html: Path | None = None
    json: Path | None = None
    changes: Path | None = None


def _earlier(file: str, mapping: str, html: str, json: str, changes: str) -> Earlier | None:
    if not file and (html or json or changes):
        message = (
            "--deliveries, --deliveries-json and --changes need the earlier file: --compare-with EARLIER"
        )
        raise Refused(message)
    paths = (given_path(each) for each in (mapping, html, json, changes))
    return Earlier(Path(file), *paths) if file else None


def check(
    cohort: Path,
    mapping: Path | None = None,
    *,
    html: Path | None = None,
    json: Path | None = None,
    fix_list: Path | None = None,
    earlier: Earlier | None = None,
    in_order: bool = False,
    small_counts: bool = False,
    overwrite: bool = False,
    console: Console | None = None,
) -> None:
    """Check a cohort and print a summary.

    Parameters
    ----------
    cohort : Path
        CSV, Excel, Parquet, SPSS, Stata or SAS file.
    mapping : Path, optional
        TOML file for a site's own table.
    html, json : Path, optional
        Data-quality page, and problems and remarks as data; also where the file has problems.
    fix_list : Path, optional
        List of the cells to correct.
    earlier : Earlier, optional
        Delivery to compare with.
    in_order : bool
        Whether the rows are in the order of the infusions.
    small_counts : bool
        Whether the pages show counts of fewer than five.
    overwrite : bool
        Whether earlier files may be replaced.
    console : Console, optional
        Where the summary goes; standard output by default.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    screen = console or Console()
    kinds = {
        html: Output(html, ".html", patients=True, n_bytes=SIZE) if html else None,
        json: Output(json, ".json", patients=True, n_bytes=SIZE) if json else None,
        fix_list: Output(fix_list, ".xlsx", patients=True, n_bytes=SIZE, other_suffixes=(".csv",))
        if fix_list
        else None,
    }
    inputs = [cohort, *([mapping, *linked_files(mapping)] if mapping else [])]
    if earlier is not None:
        inputs += [earlier.file, *([earlier.mapping] if earlier.mapping else [])]
    compared = _outputs_of(earlier)
    files = [each for each in kinds.values() if each is not None]
    outputs = Outputs(*files, inputs=inputs, overwrite=overwrite)
    # All names are checked before the work; those of the comparison are written after it.
    later = Outputs(*compared, inputs=[*inputs, *(each.path for each in files)], overwrite=overwrite)
    examined = examine_file(cohort, mapping, in_order=in_order)
    _write(outputs, _contents(examined, html, json, fix_list, small_counts=small_counts), examined, screen)
    if examined.cohort is None:
        raise DataError(examined.page.problems, source=examined.source)
    show_summary(examined.cohort, examined.page.remarks, screen)
    for note in examined.page.notes:
        print_line(screen, note)
    if earlier is not None:
        from training.commands.check_deliveries import compare_deliveries

        compare_deliveries(examined.cohort, earlier, later, screen, small_counts=small_counts)


def _outputs_of(earlier: Earlier | None) -> list[Output]:
    if earlier is None:
        return []
    paths = ((earlier.html, ".html"), (earlier.json, ".json"), (earlier.changes, ".csv"))
    return [Output(path, suffix, patients=True, n_bytes=SIZE) for path, suffix in paths if path]


Content = Callable[[], str | bytes]


def _contents(
    examined: Examined, html: Path | None, json: Path | None, fix_list: Path | None, *, small_counts: bool
) -> dict[Path, tuple[Content, str]]:
    """Give what goes into each file, and what is said of it."""
    # Templates and workbooks are needed only where a file is written.
    from features.corrections.list_files import as_csv, as_workbook
    from training.pages.quality.examination_json import examination_json
    from training.pages.quality.page import quality_page

    name, page = examined.page.name, examined.page
    contents: dict[Path, tuple[Content, str]] = {}
    if html is not None:
        words = f"data-quality page of {name}; do not share it outside the center"
        contents[html] = (lambda: quality_page(page, small_counts=small_counts)), words
    if json is not None:
        contents[json] = (lambda: examination_json(page)), f"problems and remarks of {name} as data"
    if fix_list is not None:
        write = as_csv if fix_list.suffix.lower() == ".csv" else as_workbook
        lines = counted(len(examined.fixes), "line")
        words = f"{lines} to correct or to confirm; it contains values of patients, keep it in the center"
        contents[fix_list] = (lambda: write(examined.fixes, sha256=page.sha256)), words
    return contents


def _write(
    outputs: Outputs, contents: dict[Path, tuple[Content, str]], examined: Examined, screen: Console
) -> None:
    if not contents:
        return
    try:
        outputs.write({path: content() for path, (content, _) in contents.items()})
    except DataError as error:
        raise DataError([*examined.page.problems, *error.problems], source=error.source) from None
    for path, (_, words) in contents.items():
        print_line(screen, f"{path.name}: {words}")
