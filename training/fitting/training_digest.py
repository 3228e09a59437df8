"""A digest of all that the results of a training depend on, so that a killed one goes on from its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

import numpy as np

from features.cohort import Cohort
from training.dataset.fit_config import FitConfig
from training.evidence.evidence_set import read_evidence
from training.tasks.code_digest import code_digest
from training.tasks.kept_results import run_digest
from training.validation.provenance import LIBRARIES, installed


def training_digest(cohort: Cohort | None, config: FitConfig, *further: str) -> str:
    """Digest a cohort, the settings, the evidence, the code and its libraries.

    Parameters
    ----------
    cohort : Cohort or None
    config : FitConfig
    further : str
        What else the results depend on.

    Returns
    -------
    digest : str
        24 hexadecimal digits, of all infusions together: nothing can be read from it.
    """
    chosen = config.evidence
    evidence = read_evidence(chosen.file, excluded=chosen.excluded, literature=chosen.literature)
    settings = json.dumps(asdict(config), default=str, sort_keys=True)
    libraries = json.dumps(installed(LIBRARIES), sort_keys=True)
    return run_digest(_data_digest(cohort), settings, repr(evidence), code_digest(), libraries, *further)


def _data_digest(cohort: Cohort | None) -> str:
    if cohort is None:
        return ""
    digest = hashlib.sha256(cohort.sha256.encode())
    for columns in (cohort.patients, cohort.follow_up):
        for name in sorted(columns.values):
            digest.update(np.ascontiguousarray(columns[name]).tobytes())
    digest.update(json.dumps([list(map(str, cohort.patient_id)), list(map(str, cohort.center))]).encode())
    return digest.hexdigest()
