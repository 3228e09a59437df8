"""What was corrected, by whom and why, as data beside the imported cohort; values are not in it."""

from __future__ import annotations

import getpass
import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from features.corrections.decisions import Choice
from features.corrections.returned_list import ReturnedList

FORMAT = 1


def account() -> str:
    """Name the account that runs this process; empty where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def audit_trail(
    returned: ReturnedList,
    *,
    written_at: datetime,
    by: str,
    inputs: Iterable[tuple[str, str]],
    output: tuple[str, str],
) -> str:
    """Write the audit trail of an import.

    Parameters
    ----------
    returned : ReturnedList
        The list that was applied.
    written_at : datetime
        With its time zone.
    by : str
        Account that ran the import.
    inputs : iterable of (str, str)
        Name and SHA-256 of the site's table before the corrections, and of the mapping file.
    output : (str, str)
        Name and SHA-256 of the cohort that was written.

    Returns
    -------
    json : str
        Every decision by row and column, with its comment; neither the old value nor the new one. Comments
        are free text of the person who filled in the list.
    """
    decisions = returned.corrections
    trail = {
        "format": FORMAT,
        "written_at": written_at.isoformat(timespec="seconds"),
        "account": by,
        "inputs": [{"name": name, "sha256": digest} for name, digest in inputs],
        "list": {"name": returned.name, "sha256": returned.sha256, "of_file_sha256": returned.of_file},
        "output": {"name": output[0], "sha256": output[1]},
        "counts": {
            **{choice.name.lower(): sum(each.choice is choice for each in decisions) for choice in Choice},
            "open": returned.n_open,
        },
        "changed_cells_by_column": dict(
            sorted(Counter(each.column for each in decisions if each.choice is not Choice.LEAVE).items())
        ),
        "decisions": [
            {
                "row": each.row,
                "column": each.column,
                "kind": each.kind,
                "decision": each.choice.name.lower(),
                "comment": each.comment,
            }
            for each in decisions
        ],
    }
    return json.dumps(trail, indent=2, ensure_ascii=False) + "\n"
