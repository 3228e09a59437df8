"""The bundle: a folder that holds a released model as readable data, with digests and golden vectors.

``bundle.json`` states everything but the trees and the replicates, and their SHA-256; its own SHA-256 is the
bundle's digest. ``provenance.json`` holds times and versions and is outside the digest, so that the same seed
gives the same digest. ``release.json`` lists every file with its SHA-256. Nothing in a bundle is executed on
reading, and no patient's row is in it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from features.files.atomic_write import new_folder, write_whole
from features.outcomes import ESTIMANDS, OUTCOMES, Estimand
from features.short_repr import ShortRepr
from serving.model.bundle_folder import fill, put_in_place, refuse_foreign_files
from serving.model.first_schema import FIRST_SCHEMA_DIGEST
from serving.model.golden_vectors import golden_risks, verify_golden
from serving.model.json_object import json_object, json_texts
from serving.model.model_files import BundleError, model_files, read_file, read_model, sha256, stated_model
from serving.model.release_file import RELEASE_FILE, stated_files, verified_files, write_release_file
from serving.model.risk_model import RiskModel
from serving.model.used_columns import changed_column, first_columns, used_columns
from serving.model.validation_summary import CohortSummary, OutcomeSummary
from serving.model.version_name import version_name

FORMAT = 4
READ_FORMATS = (3, 4)
"""Format 3 does not name the columns that it uses; its schema is that of the first version."""

UNREGISTERED = "unregistered"
_COHORT, _SUMMARY = TypeAdapter(CohortSummary), TypeAdapter(OutcomeSummary)


@dataclass(frozen=True, repr=False)
class Bundle(ShortRepr):
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
    release_digest : str
        Of the list of all files, see `serving.model.release_file`; empty before writing, and where there is
        none.
    """

    estimand: Estimand
    cohort: CohortSummary
    models: Mapping[str, RiskModel]
    summaries: Mapping[str, OutcomeSummary]
    left_out: Mapping[str, str]
    golden: Sequence[Mapping[str, Any]]
    digest: str = ""
    provenance: Mapping[str, str] = field(default_factory=dict)
    release_digest: str = ""

    @property
    def version(self) -> str:
        """Version in the registry, or ``unregistered``."""
        return self.provenance.get("version", UNREGISTERED)

    @property
    def version_name(self) -> str:
        """Version as answers name it: never the same for two digests, see `version_name`."""
        return version_name(self.version, self.digest)

    @property
    def named(self) -> str:
        """Name the model to a person who must know which one answers: version, digest, outcomes, cohort."""
        trained = f"{self.cohort.name}, {self.cohort.n_infusions} infusions"
        cohort = trained if self.cohort.trained else "no cohort"
        return f"version {self.version_name} ({self.digest[:14]}; {', '.join(self.models)}; {cohort})"


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
    files[RELEASE_FILE] = stated_files(files)
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
    """Add facts to a bundle's provenance and list the files again; the bundle's digest stays as it is.

    Raises
    ------
    BundleError
        If a file was altered since it was listed.
    """
    verified_files(folder)
    known = _provenance(folder)
    # Interrupted in between, there is no list, and what was made can still be recorded.
    (folder / RELEASE_FILE).unlink(missing_ok=True)
    write_whole(folder / "provenance.json", _json({**known, **facts}).decode())
    write_release_file(folder)


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle folder and verify it.

    Parameters
    ----------
    folder : Path
        As `write_bundle` leaves it.

    Returns
    -------
    bundle : Bundle
        Every file compared with the list, digests checked, golden vectors computed again within 1e-9.

    Raises
    ------
    BundleError
        If a file is missing or altered, the schema is not the code's, golden vectors are missing, or one
        differs.

    Examples
    --------
    >>> read_bundle(Path("no-such-folder"))
    Traceback (most recent call last):
        ...
    serving.model.model_files.BundleError: no-such-folder holds no bundle.json; train, or promote a version, \
first
    """
    file = folder / "bundle.json"
    if not file.is_file():
        message = f"{folder} holds no bundle.json; train, or promote a version, first"
        raise BundleError(message)
    listed = verified_files(folder)
    raw = read_file(file)
    stated = json_object(raw, file)
    try:
        bundle = replace(_bundle(stated, folder, digest=_digest(raw)), release_digest=listed)
        _refuse_other_columns(stated, bundle)
        verify_golden(bundle.models, bundle.golden, stated["golden"]["risks"])
    except BundleError:
        raise
    except Exception as error:
        # Whatever a library says of data it cannot use: it is no bundle.
        message = f"{file} is not a bundle of format {FORMAT}: {type(error).__name__}; retrain"
        raise BundleError(message) from error
    return bundle


def _files(bundle: Bundle) -> dict[str, bytes]:
    files = {name: raw for model in bundle.models.values() for name, raw in model_files(model).items()}
    stated = {
        "format": FORMAT,
        "columns": used_columns(bundle.models.values()),
        "estimand": bundle.estimand,
        "cohort": asdict(bundle.cohort),
        "outcomes": [
            {**stated_model(model), "summary": asdict(bundle.summaries[name])}
            for name, model in bundle.models.items()
        ],
        "left_out": dict(bundle.left_out),
        "golden": {
            "synthetic": True,
            "patients": list(bundle.golden),
            "risks": golden_risks(bundle.models, bundle.golden),
        },
    }
    files["bundle.json"] = _json(stated)
    files["provenance.json"] = _json(dict(bundle.provenance))
    return files


def _bundle(stated: Mapping[str, Any], folder: Path, *, digest: str) -> Bundle:
    if stated["format"] not in READ_FORMATS or stated["estimand"] not in ESTIMANDS:
        read = " and ".join(map(str, READ_FORMATS))
        message = f"{folder} has bundle format {stated['format']}, the code reads {read}; retrain"
        raise BundleError(message)
    models, summaries = {}, {}
    for outcome in stated["outcomes"]:
        if outcome["name"] not in OUTCOMES:
            message = f"{folder} has an outcome that the code does not know; retrain"
            raise BundleError(message)
        models[outcome["name"]] = read_model(outcome, folder)
        summaries[outcome["name"]] = _SUMMARY.validate_python(outcome["summary"])
    return Bundle(
        estimand=stated["estimand"],
        cohort=_COHORT.validate_python(stated["cohort"]),
        models=models,
        summaries=summaries,
        left_out=stated["left_out"],
        golden=stated["golden"]["patients"],
        digest=digest,
        provenance=_provenance(folder),
    )


def _refuse_other_columns(stated: Mapping[str, Any], bundle: Bundle) -> None:
    """Refuse a bundle only if something that its models use means something else now."""
    columns = stated.get("columns")
    if columns is None:
        if stated.get("schema_digest") != FIRST_SCHEMA_DIGEST:
            message = "the bundle is of an unknown schema and does not name the columns it uses; retrain"
            raise BundleError(message)
        columns = first_columns(used_columns(bundle.models.values()))
    changed = changed_column(columns)
    if changed:
        message = f"the schema has changed since the bundle was made: {changed}; retrain"
        raise BundleError(message)


def _provenance(folder: Path) -> dict[str, str]:
    file = folder / "provenance.json"
    return json_texts(read_file(file), file) if file.is_file() else {}


def _json(stated: Mapping[str, Any]) -> bytes:
    return (json.dumps(stated, indent=1, allow_nan=False) + "\n").encode()


def _digest(raw: bytes) -> str:
    return f"sha256:{sha256(raw)}"
