"""Compare two registered versions, on the patients of a cohort or by what was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from features.files.output_files import Output, Outputs
from features.measures import LOSSES, measure_title
from features.outcomes import OUTCOMES
from features.problems import Refused, counted
from features.read_cohort import read_cohort
from serving.model.figure_text import measured
from training.console.screen import print_line
from training.console.tables import bar, show_figures
from training.dataset.unavailable import Unavailable

if TYPE_CHECKING:
    from features.cohort import Cohort
    from serving.model.measured import Measured
    from training.comparison.paired_comparison import Difference, Pair
    from training.comparison.version_risks import Contender
    from training.tasks.task import Runner

SIZE = 10_000_000
"""Bytes that the page may have."""


def compare_versions(
    first: str,
    second: str,
    *,
    cohort: Path | None = None,
    mapping: Path | None = None,
    html: Path | None = None,
    small_counts: bool = False,
    overwrite: bool = False,
    workers: int = 0,
    dask: str = "",
    console: Console | None = None,
) -> None:
    """Compare two versions and print which is better, outcome by outcome.

    Parameters
    ----------
    first, second : str
        Numbers or aliases.
    cohort : Path, optional
        Patients to compare them on; without it the recorded metrics are shown side by side.
    mapping : Path, optional
        Maps a site's own table.
    html : Path, optional
        Page to write.
    small_counts : bool
        Whether the page shows numbers of fewer than five events.
    overwrite : bool
        Whether an earlier page may be replaced.
    workers : int
        Processes that repeat a cross-validation; 0 for one a core.
    dask : str
        Address of a Dask scheduler whose workers do; empty for this machine.
    console : Console, optional
        Where the comparison is printed; standard output by default.

    Raises
    ------
    Refused
        If a version is missing or not registered, the cohort is refused, or the page cannot be written.

    Examples
    --------
    >>> compare_versions("2", "")
    Traceback (most recent call last):
        ...
    features.problems.Refused: name two versions: cart-outcomes compare 2 VERSION
    """
    if not (first and second):
        message = f"name two versions: cart-outcomes compare {first or 'VERSION'} VERSION"
        raise Refused(message)
    screen = console or Console()
    files = [Output(html, ".html", n_bytes=SIZE)] if html is not None else []
    inputs = [path for path in (cohort, mapping) if path]
    outputs = Outputs(*files, inputs=inputs, overwrite=overwrite)
    read = read_cohort(cohort, mapping=mapping) if cohort is not None else None
    from training.tasks.chosen import chosen_runner
    from training.tracking.release_agreement import warn_of_disagreement

    pair = _pair(first, second)
    for each in pair:
        print_line(screen, _heading(each))
    if read is None:
        page = _recorded(pair, screen)
    else:
        digest = _digest(pair, read) if dask else ""
        with chosen_runner(workers, dask, digest=digest) as runner:
            page = _on_patients(pair, read, screen, runner, small_counts=small_counts)
    if html is not None:
        outputs.write({html: page})
        print_line(screen, f"{html.name}: comparison page")
    warn_of_disagreement()


def _pair(first: str, second: str) -> Pair:
    pair = _contender(first), _contender(second)
    if pair[0].bundle.digest == pair[1].bundle.digest:
        versions = f"{pair[0].name} and {pair[1].name}"
        same = pair[0].bundle.version == pair[1].bundle.version
        message = f"{first} and {second} are the same version" if same else f"{versions} hold the same models"
        raise Refused(message)
    return pair


def _contender(version: str) -> Contender:
    from serving.model.read_bundle import read_bundle
    from training.comparison.version_risks import Contender
    from training.tracking.model_registry import registered_bundle
    from training.tracking.registered_recipe import registered_recipe

    bundle = read_bundle(registered_bundle(version)[1])
    return Contender(bundle, registered_recipe(bundle.provenance["run_id"], bundle.version))


def _digest(pair: Pair, cohort: Cohort) -> str:
    """Digest what the risks of both versions depend on."""
    from training.comparison.paired_comparison import shared_config
    from training.fitting.training_digest import training_digest

    versions = (repr((each.bundle.digest, each.recipe)) for each in pair)
    return training_digest(cohort, shared_config(pair, cohort.sha256), "compare", *versions)


def _on_patients(pair: Pair, cohort: Cohort, screen: Console, runner: Runner, *, small_counts: bool) -> str:
    """Compare on the patients of a cohort; give the page."""
    from training.comparison.paired_comparison import compare_versions as compared
    from training.pages.comparison_page import comparison_page
    from training.pages.comparison_text import bases_words

    differences = compared(pair, cohort, progress=bar, runner=runner)
    synthetic = " - SYNTHETIC, not for patients" if cohort.synthetic else ""
    size = f"{counted(len(cohort), 'infusion')} of {counted(cohort.n_patients, 'patient')}"
    print_line(screen, f"\n{cohort.name}: {size}{synthetic}")
    for name, each in differences.items():
        _show(pair, name, each, screen)
    for words in bases_words(pair, cohort, differences):
        print_line(screen, f"\n{words}")
    return comparison_page(pair, cohort, differences, small_counts=small_counts)


def _show(pair: Pair, name: str, difference: Difference | Unavailable, screen: Console) -> None:
    from training.pages.comparison_text import difference_words, patients_words

    print_line(screen, f"\n{difference_words(pair, name, difference)}")
    if isinstance(difference, Unavailable):
        return
    for each, losses in zip(pair, difference.losses, strict=True):
        figures = ", ".join(f"{measure_title(loss)} {measured(losses[loss])}" for loss in LOSSES)
        print_line(screen, f"  {each.name}, {each.bundle.models[name].method}: {figures}")
    print_line(screen, f"  {patients_words(difference)}")


def _recorded(pair: Pair, screen: Console) -> str:
    """Show what both recorded; give the page."""
    from training.comparison.paired_comparison import answered, why_not
    from training.pages.comparison_page import recorded_page
    from training.pages.comparison_text import needs_cohort, recorded_words

    for name in answered(pair):
        reason = why_not(name, pair)
        if reason:
            print_line(screen, f"\n{OUTCOMES[name].title}: not comparable because {reason}")
            continue
        show_figures(OUTCOMES[name].title, {each.name: _figures(each, name) for each in pair}, screen)
        print_line(screen, f"  {recorded_words(pair[0].bundle, pair[1].bundle, name)}")
    print_line(screen, f"\n{needs_cohort(pair)}")
    return recorded_page(pair)


def _figures(version: Contender, name: str) -> dict[str, Measured]:
    headline = version.bundle.models[name].horizons_days[0]
    return dict(version.bundle.summaries[name].metrics.get(headline, {}))


def _heading(version: Contender) -> str:
    cohort = version.bundle.cohort
    trained = cohort.name or "published evidence only"
    synthetic = ", SYNTHETIC" if cohort.synthetic else ""
    return f"{version.name}: {trained}{synthetic} - {version.bundle.estimand}"
