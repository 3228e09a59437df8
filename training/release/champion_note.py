"""Why a version is champion, in Markdown, for its page in the registry."""

from __future__ import annotations

from collections.abc import Sequence

from features.outcomes import OUTCOMES
from serving.model.bundle import Bundle
from serving.model.figure_text import measured
from serving.model.model_files import sha256
from training.comparison.champion_gain import recorded_gain

HEADING = "## Why it is champion"
BEGIN, END = "<!-- promotion note sha256:{} -->", "<!-- end of the promotion note -->"
"""Around the note, so that a person's own words before and after it are kept; MLflow does not show them."""
REPORT_PAGE, REPORT_JSON = "report/report.html", "report/report.json"
"""Artifacts of the version's run."""
CLASSICAL = "?workflowType=machine_learning"
"""Keeps MLflow from opening its pages for language models around them."""


def promotion_note(
    bundle: Bundle,
    champion: Bundle | None,
    *,
    reasons: Sequence[str],
    remarks: Sequence[str],
    forced: str | None,
    artifacts: str,
) -> str:
    """Write the result of the checks, the comparison with the former champion, and remarks.

    Parameters
    ----------
    bundle : Bundle
        Of the version that is promoted.
    champion : Bundle or None
        The former champion; None where there is none to compare with.
    reasons, remarks : sequence of str
        As the checks list them.
    forced : str or None
        Why it was promoted despite failed checks.
    artifacts : str
        Page of its run's artifacts, as `training.tracking.promotion.artifacts_page` names it; empty where the
        run was deleted.

    Returns
    -------
    note : str
        Markdown, beginning with `HEADING`.
    """
    lines = [HEADING, "", *_gate(reasons, forced), "", *_statuses(bundle)]
    if champion is not None:
        lines += ["", *compared(bundle, champion)]
    for remark in remarks:
        lines += ["", f"Note: {remark}."]
    lines += ["", _report(bundle, artifacts)]
    return "\n".join(lines)


def described(description: str, note: str) -> str:
    r"""Put a note into a description, in place of an earlier one; what a person wrote is kept.

    Parameters
    ----------
    description : str
        Of the version. Words before and after an earlier note are kept, and so is a note that was edited.
    note : str

    Returns
    -------
    description : str

    Examples
    --------
    >>> once = described("A cohort.", "## Why: old")
    >>> again = described(f"{once}\n\nDiscussed on Monday.", "## Why: new")
    >>> [line for line in again.splitlines() if line and not line.startswith("<!--")]
    ['A cohort.', '## Why: new', 'Discussed on Monday.']
    """
    before, after = _outside_note(description)
    marked = f"{BEGIN.format(sha256(note.encode()))}\n{note}\n{END}"
    return "\n\n".join(part for part in (before, marked, after) if part)


def _outside_note(description: str) -> tuple[str, str]:
    """Split a description at its note; an edited one holds a person's words and stays before the new one."""
    opening, closing = BEGIN.split("{}")
    before, begin, rest = description.partition(opening)
    digest, _, rest = rest.partition(f"{closing}\n")
    note, end, after = rest.partition(f"\n{END}")
    if not (begin and end):
        return description.strip(), ""
    kept = "" if sha256(note.encode()) == digest else note
    words = (part.strip() for part in (before, kept))
    return "\n\n".join(part for part in words if part), after.strip()


def _gate(reasons: Sequence[str], forced: str | None) -> list[str]:
    if not reasons:
        return ["All checks of `promote` passed."]
    return [
        f"**Forced**: {forced or 'no reason given'}. Failed checks:",
        *(f"- {reason}" for reason in reasons),
    ]


def _statuses(bundle: Bundle) -> list[str]:
    return [f"- {OUTCOMES[name].title}: {summary.status}" for name, summary in bundle.summaries.items()]


def compared(bundle: Bundle, champion: Bundle) -> list[str]:
    """State the paired gain over the former champion, outcome by outcome, or once why there is none.

    Parameters
    ----------
    bundle, champion : Bundle
        The version that is promoted, and the former one.

    Returns
    -------
    lines : list of str
        Markdown.
    """
    if all(recorded_gain(bundle, name).value is None for name in bundle.models):
        return [_why_no_gain(bundle, champion)]
    lines = [
        f"Gain in out-of-fold log loss over the former champion, version {champion.version}, "
        "on the same infusions (90 % interval; above 0 is better):",
        "",
    ]
    for name in bundle.models:
        gain = recorded_gain(bundle, name)
        figure = measured(gain) if gain.value is not None else "not measured in the same folds"
        lines.append(f"- {OUTCOMES[name].title}: {figure}")
    return lines


def _why_no_gain(bundle: Bundle, champion: Bundle) -> str:
    if bundle.cohort.sha256 != champion.cohort.sha256:
        return (
            "No paired gain over the former champion, "
            f"version {champion.version}, was measured when this version was trained."
        )
    return (
        f"Trained on the same cohort as the former champion, version {champion.version}: the recorded log "
        f"losses are compared; `cart-outcomes compare {champion.version} {bundle.version} --cohort FILE` "
        "gives the paired difference."
    )


def _report(bundle: Bundle, artifacts: str) -> str:
    """Link to the report among the artifacts of the version's run, or say how to write it."""
    if not artifacts:
        return f"The run was deleted. Write the full report with `cart-outcomes report {bundle.version}`."
    page, json = (f"{artifacts}/{path}{CLASSICAL}" for path in (REPORT_PAGE, REPORT_JSON))
    again = f"Write it again with `cart-outcomes report {bundle.version}`."
    return f"Full report: [page]({page}), [JSON]({json}). {again}"
