"""The steps of a promotion: checks, champion, BentoML store.

The release is the last step. Everything is prepared, checked and signed first. Then MLflow gets tags, note
and report, a journal is written, and the alias is set. At the very end the log gets its line, and the pointer
is switched, which names what is served. After an interruption the earlier release is served until `promote`
is repeated.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from features.outcome import ESTIMANDS
from features.problems import Refused
from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.version_name import version_name
from training.console.screen import print_line
from training.pages.report.contents import as_json, report_of
from training.pages.report.page import report_page
from training.release.bento_store import prepare, tag_of
from training.release.champion_note import REPORT_JSON, REPORT_PAGE, compared, promotion_note
from training.release.journal import Journal, write_journal
from training.release.release_checks import bundle_remarks, gate_reasons, lost_reasons
from training.release.sealing import Statement, log_to_continue, refuse_unusable_words, seal
from training.tracking.interrupted_promotion import finish, settle
from training.tracking.model_registry import champion_outcomes, registered_bundle
from training.tracking.promotion import (
    Promotion,
    artifacts_page,
    point_champion,
    promoter,
    record_promotion,
)
from training.tracking.release_agreement import disagreement, former, release
from training.tracking.renewal import renew_after_promotion
from training.tracking.store import TrackingError


class GateError(Refused):
    """The checks before a promotion failed; lists every reason."""


def take_steps(version: str | None, force: str | None, statement: Statement, screen: Console) -> None:
    """Take every step, with the lock of releases held; the parameters are those of `promote`."""
    refuse_unusable_words(statement.by, statement.why, force or "")
    finished = _settled(screen)
    number, folder = registered_bundle(version)
    if finished:
        renew_after_promotion(finished)
    if finished == number:
        return
    log_to_continue(statement.key)
    _tell_before(number, screen)
    before = champion_outcomes()
    champion, unread = champion_bundle(before[0] if before is not None else None, number)
    bundle = read_bundle(folder)
    reasons = [*gate_reasons(folder, champion), *_lost(bundle, before)]
    if reasons and not force:
        raise GateError(refusal(number, reasons))
    for reason in reasons:
        print_line(screen, f"forced despite: {reason}")
    remarks, forced = [*bundle_remarks(bundle, champion), *unread], force if reasons else None
    artifacts = artifacts_page(number)
    if not artifacts:
        remarks.append("its run was deleted, so its report is not stored in MLflow")
    note = promotion_note(
        bundle, champion, reasons=reasons, remarks=remarks, forced=forced, artifacts=artifacts
    )
    promotion = Promotion(
        bundle.digest, bundle.release_digest, note, report_files(bundle), forced=forced, reasons=reasons
    )
    stated = replace(statement, by=statement.by or promoter(), forced=forced or "", reasons=reasons)
    tag = _release(number, folder, bundle, promotion, stated, before=before[0] if before is not None else "")
    renew_after_promotion(number)
    signed = f", signed with the key {stated.key.id}" if stated.key is not None else ""
    print_line(screen, f"version {number} is champion and released as {tag}{signed}")
    _tell_released(bundle, champion, remarks, screen)


def _release(
    version: str, folder: Path, bundle: Bundle, promotion: Promotion, stated: Statement, *, before: str
) -> str:
    """Prepare and seal the release, write MLflow, then the alias, log and pointer; give the tag."""
    name = prepare(folder, version)
    line = seal(name, version, bundle, stated)
    record_promotion(version, promotion)
    journal = Journal(
        version=version,
        digest=bundle.digest,
        release_digest=bundle.release_digest,
        stored=name,
        previous=former(version, before),
        line=line,
    )
    write_journal(journal)
    try:
        point_champion(version)
        finish(journal)
    except TrackingError as error:
        message = (
            f"{error}. The promotion of version {version} was interrupted; what is served has not changed. "
            f"Finish it: cart-outcomes promote {version}"
        )
        raise TrackingError(message) from None
    return tag_of(name)


def _settled(screen: Console) -> str:
    """Finish or undo an interrupted promotion; name the version that this has released, if any."""
    journal, finished = settle()
    if journal is None:
        return ""
    name = version_name(journal.version, journal.digest)
    if not finished:
        print_line(
            screen, f"the interrupted promotion of version {name} was undone: it had not become champion"
        )
        return ""
    print_line(screen, f"the interrupted promotion of version {name} is finished: {tag_of(journal.stored)}")
    return journal.version


def _tell_before(version: str, screen: Console) -> None:
    """Say that champion and release differed, unless this promotion is what resolves it."""
    words = disagreement()
    if words:
        print_line(screen, f"before this promotion of version {version}: {words}")


def _lost(bundle: Bundle, before: tuple[str, tuple[str, ...]] | None) -> list[str]:
    """List the outcomes lost since this machine's release, or else since the champion."""
    released = release()
    if released is not None:
        return lost_reasons(bundle, released.outcomes, name=released.name)
    return lost_reasons(bundle, before[1], name=before[0]) if before is not None else []


def _tell_released(bundle: Bundle, champion: Bundle | None, remarks: list[str], screen: Console) -> None:
    comparison = compared(bundle, champion) if champion is not None else ()
    for line in filter(None, [*release_lines(bundle), *comparison]):
        print_line(screen, line)
    for remark in remarks:
        print_line(screen, f"note: {remark}")
    if bundle.cohort.synthetic:
        print_line(screen, "SYNTHETIC: trained on a generated cohort, not for patients")


def report_files(bundle: Bundle) -> dict[str, str]:
    """Write the report of a version, page and JSON, to be stored with its run."""
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
        Why it was not compared: a champion of another schema, or one that is gone, blocks no release.
    """
    if champion is None or champion == version:
        return None, []
    try:
        return read_bundle(registered_bundle(champion)[1]), []
    except (BundleError, TrackingError) as error:
        return None, [f"not compared with the champion, version {champion}: {error}"]


def release_lines(bundle: Bundle) -> list[str]:
    """Say what a release predicts, and what to do next.

    Parameters
    ----------
    bundle : Bundle

    Returns
    -------
    lines : list of str
    """
    lines = [f"estimand {bundle.estimand}: {ESTIMANDS[bundle.estimand]}"]
    lines += [f"  {name}: {summary.status}" for name, summary in bundle.summaries.items()]
    lines.append("a service that runs on this machine loads it within seconds")
    return lines


def refusal(version: str, reasons: list[str]) -> str:
    """Say why a version is not released.

    Examples
    --------
    >>> print(refusal("3", ["the bundle has no outcome"]))
    version 3 is not released:
      the bundle has no outcome
    promote it despite failed checks with --force WHY
    """
    return "\n".join(
        [f"version {version} is not released:", *(f"  {reason}" for reason in reasons)]
        + ["promote it despite failed checks with --force WHY"]
    )
