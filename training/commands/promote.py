"""Release a registered version: gate, champion, BentoML store."""

from __future__ import annotations

from rich.console import Console

from features.outcomes import ESTIMANDS
from features.problems import Refused
from serving.bundle import Bundle, read_bundle
from serving.model_format import BundleError
from training.gate import bundle_remarks, gate_reasons
from training.promotion_note import REPORT_JSON, REPORT_PAGE, compared, promotion_note
from training.registry import artifacts_page, champion_outcomes, registered_bundle, set_champion
from training.release import store_bundle
from training.report.contents import as_json, report_of
from training.report.page import report_page
from training.tracking_store import TrackingError


class GateError(Refused):
    """The gate says no; lists every reason."""


def promote(version: str | None, force: str | None, *, console: Console | None = None) -> None:
    """Release a version.

    Parameters
    ----------
    version : str or None
        The newest by default.
    force : str or None
        Why it is released although the gate says no; recorded with the version and all reasons against.
    console : Console, optional
        Where the tag is printed; standard output by default.

    Raises
    ------
    GateError
        If the gate says no and nothing was forced.
    TrackingError
        If there is no such version.
    BundleError
        If the bundle is damaged or of another schema: that cannot be forced, since it could not be served.
    """
    told = console or Console()
    found, folder = registered_bundle(version)
    before = champion_outcomes()
    champion, unread = champion_bundle(before[0] if before is not None else None, found)
    reasons = gate_reasons(folder, champion)
    if reasons and not force:
        raise GateError(refusal(found, reasons))
    for reason in reasons:
        told.print(f"forced although: {reason}", highlight=False, markup=False, soft_wrap=True)
    tag = store_bundle(folder, found)
    bundle = read_bundle(folder)
    remarks, forced = [*bundle_remarks(bundle, champion), *unread], force if reasons else None
    note = promotion_note(
        bundle,
        champion,
        reasons=reasons,
        remarks=remarks,
        forced=forced,
        artifacts=artifacts_page(found),
    )
    set_champion(found, note=note, files=report_files(bundle), forced=forced, reasons=reasons)
    told.print(f"version {found} is champion and released as {tag}", highlight=False, markup=False)
    for line in release_lines(bundle, before):
        told.print(line, highlight=False, markup=False, soft_wrap=True)
    for line in filter(None, compared(bundle, champion) if champion is not None else ()):
        told.print(line, highlight=False, markup=False, soft_wrap=True)
    for remark in remarks:
        told.print(f"note: {remark}", highlight=False, markup=False, soft_wrap=True)
    if bundle.cohort.synthetic:
        told.print("SYNTHETIC: trained on a generated cohort, not for patients", highlight=False)


def report_files(bundle: Bundle) -> dict[str, str]:
    """Write the report of a version, to be kept with its run: the page and its JSON twin."""
    made = report_of(bundle)
    return {REPORT_PAGE: report_page(made), REPORT_JSON: as_json(made)}


def champion_bundle(champion: str | None, version: str) -> tuple[Bundle | None, list[str]]:
    """Fetch the champion's bundle to compare a version with, or say why that cannot be.

    Parameters
    ----------
    champion : str or None
        Its version; None where nothing was promoted yet.
    version : str
        To be released; a champion is not compared with itself.

    Returns
    -------
    bundle : Bundle or None
    remarks : list of str
        A champion of another schema, or one that is gone, keeps no version from being released.
    """
    if champion is None or champion == version:
        return None, []
    try:
        return read_bundle(registered_bundle(champion)[1]), []
    except (BundleError, TrackingError) as error:
        return None, [f"not compared with the champion, version {champion}: {error}"]


def release_lines(bundle: Bundle, before: tuple[str, tuple[str, ...]] | None) -> list[str]:
    """Say what a release answers, what it no longer answers, and what is to be done.

    Parameters
    ----------
    bundle : Bundle
    before : tuple of (str, tuple of str) or None
        The champion before, and its outcomes.

    Returns
    -------
    lines : list of str
    """
    lines = [f"estimand {bundle.estimand}: {ESTIMANDS[bundle.estimand]}"]
    lines += [f"  {name}: {summary.status}" for name, summary in bundle.summaries.items()]
    lost = [name for name in before[1] if name not in bundle.models] if before is not None else []
    if before is not None and lost:
        lines.append(f"note: version {before[0]} answered {', '.join(lost)}, this version does not")
    lines.append("a running service keeps its version: start it again to serve this one")
    return lines


def refusal(version: str, reasons: list[str]) -> str:
    """Say why a version is not released.

    Examples
    --------
    >>> print(refusal("3", ["the bundle has no outcome"]))
    version 3 is not released:
      the bundle has no outcome
    release it all the same with --force WHY
    """
    return "\n".join(
        [f"version {version} is not released:", *(f"  {reason}" for reason in reasons)]
        + ["release it all the same with --force WHY"]
    )
