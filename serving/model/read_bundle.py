"""Reading a bundle from its folder: every file verified, golden vectors computed again.

Nothing in a bundle is executed on reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from features.outcome import ESTIMANDS
from features.outcomes import OUTCOMES
from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.cohort_summary import CohortSummary
from serving.model.first_schema import FIRST_SCHEMA_DIGEST
from serving.model.golden_vectors import verify_golden
from serving.model.json_object import json_object, json_texts
from serving.model.model_files import composed_models, read_file, read_model, sha256
from serving.model.release_file import verified_files
from serving.model.used_columns import changed_column, first_columns, used_columns
from serving.model.validation_summary import OutcomeSummary

FORMAT, FORMAT_WITHOUT_FOREST = 6, 5
"""Written for a bundle whose replicates have trees, and for one without, which earlier releases can read."""
READ_FORMATS = (3, 4, 5, 6)
"""Format 3 does not name the columns that it uses; its schema is that of the first version. Up to format 4 no
risk is composed of others. Up to format 5 the trees of replicates are boosters of XGBoost, not arrays."""

_COHORT, _SUMMARY = TypeAdapter(CohortSummary), TypeAdapter(OutcomeSummary)


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
    serving.model.bundle_error.BundleError: no-such-folder holds no bundle.json; train, or promote a \
version, first
    """
    file = folder / "bundle.json"
    if not file.is_file():
        message = f"{folder} holds no bundle.json; train, or promote a version, first"
        raise BundleError(message)
    listed = verified_files(folder)
    raw = read_file(file)
    stated = json_object(raw, file)
    try:
        bundle = replace(_bundle(stated, folder, digest=bundle_digest(raw)), release_digest=listed)
        _refuse_other_columns(stated, bundle)
        verify_golden(bundle.models, bundle.golden, stated["golden"]["risks"])
    except BundleError:
        raise
    except Exception as error:
        # Whatever a library says of data it cannot use: it is no bundle.
        message = f"{file} is not a bundle of format {FORMAT}: {type(error).__name__}; retrain"
        raise BundleError(message) from error
    return bundle


def read_provenance(folder: Path) -> dict[str, str]:
    """Read times, versions and run ids of a bundle; empty where none are kept.

    Raises
    ------
    BundleError
        If the file is damaged.
    """
    file = folder / "provenance.json"
    return json_texts(read_file(file), file) if file.is_file() else {}


def bundle_digest(raw: bytes) -> str:
    """Digest of a bundle, from the bytes of its ``bundle.json``."""
    return f"sha256:{sha256(raw)}"


def _bundle(stated: Mapping[str, Any], folder: Path, *, digest: str) -> Bundle:
    if stated["format"] not in READ_FORMATS or stated["estimand"] not in ESTIMANDS:
        read = f"{', '.join(map(str, READ_FORMATS[:-1]))} and {READ_FORMATS[-1]}"
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
        models=composed_models(models, stated["outcomes"]),
        summaries=summaries,
        left_out=stated["left_out"],
        golden=stated["golden"]["patients"],
        digest=digest,
        provenance=read_provenance(folder),
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
