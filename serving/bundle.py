"""The bundle: a folder that holds a released model as readable data, with digests and golden vectors.

``bundle.json`` states everything but the trees and the replicates, and their SHA-256; its own SHA-256 is the
bundle's digest. ``provenance.json`` holds times and versions and is outside the digest, so that the same seed
gives the same digest. Nothing in a bundle is executed on reading, and no patient's row is in it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from features.outcomes import ESTIMANDS, OUTCOMES, Estimand
from features.predictors import predictors
from features.schema import schema_digest
from features.whole_file import new_folder, write_whole
from serving.bundle_folder import fill, put_in_place, refuse_foreign_files
from serving.model_format import BundleError, model_files, read_file, read_model, sha256, stated_model
from serving.risk_model import RiskModel
from serving.summary import CohortSummary, OutcomeSummary

FORMAT = 3
GOLDEN_TOLERANCE = 1e-9
UNREGISTERED = "unregistered"


@dataclass(frozen=True)
class Bundle:
    """Everything a scorer needs.

    Attributes
    ----------
    estimand : Estimand
        The question the risks answer.
    cohort : CohortSummary
        What it was trained on.
    models : mapping of str to RiskModel
        By outcome.
    summaries : mapping of str to OutcomeSummary
        By outcome.
    left_out : mapping of str to str
        Outcomes without a model, and why.
    golden : sequence of mapping
        Synthetic patients whose risks are stored and computed again on loading.
    digest : str
        ``sha256:`` and 64 hexadecimal digits; empty before writing.
    provenance : mapping of str to str
        Times, versions, run ids.
    """

    estimand: Estimand
    cohort: CohortSummary
    models: Mapping[str, RiskModel]
    summaries: Mapping[str, OutcomeSummary]
    left_out: Mapping[str, str]
    golden: Sequence[Mapping[str, Any]]
    digest: str = ""
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Version in the registry, or ``unregistered``."""
        return self.provenance.get("version", UNREGISTERED)

    @property
    def named(self) -> str:
        """Name the model to a person who must know which one answers: version, digest, outcomes, cohort."""
        trained = f"{self.cohort.name}, {self.cohort.n_infusions} infusions"
        cohort = trained if self.cohort.trained else "no cohort"
        return f"version {self.version} ({self.digest[:14]}; {', '.join(self.models)}; {cohort})"


def write_bundle(bundle: Bundle, folder: Path) -> str:
    """Write a bundle folder, whole or not at all.

    Parameters
    ----------
    bundle : Bundle
        To be written; its ``digest`` is not looked at.
    folder : Path
        Replaced where it already holds a bundle.

    Returns
    -------
    digest : str

    Raises
    ------
    BundleError
        If the folder exists and is not a bundle, or cannot be written.
    """
    refuse_folder(folder)
    files = _files(bundle)
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = new_folder(beside=folder)
    try:
        fill(new, files, folder)
        put_in_place(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return _digest(files["bundle.json"])


def refuse_folder(folder: Path) -> None:
    """Refuse a place for a bundle before any work is done for it.

    Raises
    ------
    BundleError
        If it exists and is neither an empty folder nor a bundle, or holds other files beside one.
    """
    if folder.is_symlink() and not folder.exists():
        message = f"{folder} is a link that leads nowhere; name another folder"
        raise BundleError(message)
    if not folder.exists():
        return
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / "bundle.json").is_file()):
        message = f"{folder} exists and is not a bundle; name another folder"
        raise BundleError(message)
    refuse_foreign_files(folder)


def write_provenance(folder: Path, facts: Mapping[str, str]) -> None:
    """Add facts to a bundle's provenance; the digest stays as it is."""
    known = _provenance(folder)
    write_whole(folder / "provenance.json", _json({**known, **facts}).decode())


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle folder and verify it.

    Parameters
    ----------
    folder : Path
        As `write_bundle` leaves it.

    Returns
    -------
    bundle : Bundle
        Digests checked, golden vectors computed again within 1e-9.

    Raises
    ------
    BundleError
        If a file is missing or altered, the schema is not the code's, or a golden vector differs.

    Examples
    --------
    >>> read_bundle(Path("no-such-folder"))
    Traceback (most recent call last):
        ...
    serving.model_format.BundleError: no-such-folder holds no bundle.json; promote a version first
    """
    file = folder / "bundle.json"
    if not file.is_file():
        message = f"{folder} holds no bundle.json; promote a version first"
        raise BundleError(message)
    raw = read_file(file)
    stated = _parsed(raw, file)
    _refuse_other_schema(stated)
    try:
        bundle = _bundle(stated, folder, digest=_digest(raw))
        _verify_golden(bundle, stated["golden"]["risks"])
    except BundleError:
        raise
    except Exception as error:
        # Whatever a library says of data it cannot use: it is no bundle.
        message = f"{file} is not a bundle of format {FORMAT}: {type(error).__name__}; retrain"
        raise BundleError(message) from error
    return bundle


def golden_risks(bundle: Bundle) -> dict[str, list[Any]]:
    """Risk, low and high of the golden patients: by outcome, patient, then horizon."""
    patients = predictors(bundle.golden)
    found = {}
    for name, model in bundle.models.items():
        low, high = model.interval(patients)
        found[name] = np.stack([model.risk(patients), low, high], axis=-1).tolist()
    return found


def _files(bundle: Bundle) -> dict[str, bytes]:
    files = {name: raw for model in bundle.models.values() for name, raw in model_files(model).items()}
    stated = {
        "format": FORMAT,
        "schema_digest": schema_digest(),
        "estimand": bundle.estimand,
        "cohort": asdict(bundle.cohort),
        "outcomes": [
            {**stated_model(model), "summary": asdict(bundle.summaries[name])}
            for name, model in bundle.models.items()
        ],
        "left_out": dict(bundle.left_out),
        "golden": {"synthetic": True, "patients": list(bundle.golden), "risks": golden_risks(bundle)},
    }
    files["bundle.json"] = _json(stated)
    files["provenance.json"] = _json(dict(bundle.provenance))
    return files


def _bundle(stated: Mapping[str, Any], folder: Path, *, digest: str) -> Bundle:
    if stated["format"] != FORMAT or stated["estimand"] not in ESTIMANDS:
        message = f"{folder} has bundle format {stated['format']}, the code reads {FORMAT}; retrain"
        raise BundleError(message)
    models, summaries = {}, {}
    for outcome in stated["outcomes"]:
        if outcome["name"] not in OUTCOMES:
            message = f"{folder} has an outcome that the code does not know; retrain"
            raise BundleError(message)
        models[outcome["name"]] = read_model(outcome, folder)
        summaries[outcome["name"]] = TypeAdapter(OutcomeSummary).validate_python(outcome["summary"])
    return Bundle(
        estimand=stated["estimand"],
        cohort=TypeAdapter(CohortSummary).validate_python(stated["cohort"]),
        models=models,
        summaries=summaries,
        left_out=stated["left_out"],
        golden=stated["golden"]["patients"],
        digest=digest,
        provenance=_provenance(folder),
    )


def _verify_golden(bundle: Bundle, stored: Mapping[str, Any]) -> None:
    for name, found in golden_risks(bundle).items():
        worst = float(np.max(np.abs(np.array(found) - np.array(stored[name])), initial=0.0))
        if not worst <= GOLDEN_TOLERANCE:
            message = (
                f"golden vectors of {name} differ by {worst:.1e}, {GOLDEN_TOLERANCE:g} is allowed: "
                "the code or a library computes other risks than when the bundle was made; retrain"
            )
            raise BundleError(message)


def _refuse_other_schema(stated: Mapping[str, Any]) -> None:
    theirs, ours = str(stated.get("schema_digest", "none")), schema_digest()
    if theirs != ours:
        message = f"bundle has schema {theirs[:15]}, code has {ours[:15]}; retrain"
        raise BundleError(message)


def _provenance(folder: Path) -> dict[str, str]:
    file = folder / "provenance.json"
    return (
        {str(key): str(value) for key, value in _parsed(read_file(file), file).items()}
        if file.is_file()
        else {}
    )


def _parsed(raw: bytes, file: Path) -> dict[str, Any]:
    try:
        stated = json.loads(raw)
    except ValueError as error:
        message = f"{file} is not JSON; the bundle is damaged, release it again"
        raise BundleError(message) from error
    if not isinstance(stated, dict):
        message = f"{file} is not a JSON object; the bundle is damaged, release it again"
        raise BundleError(message)
    return stated


def _json(stated: Mapping[str, Any]) -> bytes:
    return (json.dumps(stated, indent=1, allow_nan=False) + "\n").encode()


def _digest(raw: bytes) -> str:
    return f"sha256:{sha256(raw)}"
