"""What the bundle of an updated version records: its parent, and its gain over the champion."""

from __future__ import annotations

from serving.model.bundle import Bundle
from training.comparison.champion_gain import gain_facts
from training.external.update_version import UpdatedVersion
from training.validation.provenance import made_by


def update_facts(version: UpdatedVersion, champion: Bundle | None) -> dict[str, str]:
    """State where an updated bundle comes from, and how it compares with the champion, for its provenance.

    Parameters
    ----------
    version : UpdatedVersion
    champion : Bundle or None

    Returns
    -------
    facts : dict of str to str
    """
    validated = {name: (each.validation, each.data) for name, each in version.outcomes.items()}
    gains = gain_facts(validated, champion, cohort=version.cohort) if champion is not None else {}
    return {
        **made_by(),
        "parent_version": version.parent.version,
        "parent_digest": version.parent.digest,
        "updated_on": version.cohort.name,
        **gains,
    }
