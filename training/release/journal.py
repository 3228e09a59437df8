"""The journal of a promotion: what the next command completes or undoes after an interruption."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from features.problems import Refused
from serving.model.bundle_error import BundleError
from serving.model.json_object import json_texts
from serving.release.verified_release import JOURNAL_FILE
from training.release.bento_store import release_folder, write_durably


@dataclass(frozen=True)
class Journal:
    """A promotion that has prepared everything and is about to set the alias.

    Attributes
    ----------
    version : str
        Number in the registry.
    digest, release_digest : str
        Of its bundle and of all its files.
    stored : str
        Name of its folder, prepared or in BentoML's store.
    previous : str
        Champion before it; empty where there was none.
    line : str
        For the log of releases, signed; empty in a journal of an earlier release of the software.
    """

    version: str
    digest: str
    release_digest: str
    stored: str
    previous: str
    line: str = ""


def write_journal(journal: Journal) -> None:
    """Write the journal, whole or not at all."""
    write_durably(_file(), json.dumps(asdict(journal), indent=1) + "\n")


def read_journal() -> Journal | None:
    """Read the journal of an interrupted promotion; None where none was interrupted.

    Raises
    ------
    Refused
        If the file is damaged.
    """
    try:
        stated = json_texts(_file().read_bytes(), _file())
        return Journal(**stated)
    except FileNotFoundError:
        return None
    except (BundleError, TypeError):
        message = (
            f"{_file()} is damaged. It lists the remaining steps of an interrupted promotion. "
            "Delete the file, then promote the version again: cart-outcomes promote VERSION"
        )
        raise Refused(message) from None


def forget_journal() -> None:
    """Remove the journal: the promotion is finished or undone."""
    _file().unlink(missing_ok=True)


def _file() -> Path:
    return release_folder() / JOURNAL_FILE
