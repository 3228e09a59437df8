"""One model as readable data: coefficients as JSON, trees as XGBoost's ubj, replicates as plain arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from features.columns import Values
from features.files.read_at_once import read_at_once
from features.outcomes import OUTCOMES
from features.terms import KNOWN_TERMS
from serving.model.bundle_error import BundleError
from serving.model.composed_risk import Composition, linked
from serving.model.linear_part import LinearPart
from serving.model.replicate_file import packed, unpacked
from serving.model.risk_model import RiskModel
from serving.model.trees import TREE_COLUMNS, TreeColumn, TreePart
from serving.model.without_sources import WithoutSource

LARGEST_FILE = 256 * 2**20


def model_files(model: RiskModel) -> dict[str, bytes]:
    """Content of the files that hold a model's trees and replicates, by file name."""
    files: dict[str, bytes] = {}
    if model.trees is not None:
        files[_tree_file(model.outcome)] = model.trees.ubj
    if model.replicates is not None:
        files[_replicate_file(model.outcome)] = packed(model.replicates)
    return files


def stated_model(model: RiskModel) -> dict[str, Any]:
    """State a model as JSON data; its files by their SHA-256."""
    files = model_files(model)
    stated: dict[str, Any] = {
        "name": model.outcome,
        "definition": OUTCOMES[model.outcome].definition,
        "method": model.method,
        "evidence_weight": model.evidence_weight,
        "horizons_days": list(model.horizons_days),
        "reference": model.reference.tolist(),
        "linear": _stated_terms(model.linear) if model.linear is not None else None,
        "gradual_burden": model.linear is not None and model.linear.gradual,
        "without_sources": [_stated_without(each) for each in model.without_sources],
        "composition": _stated_composition(model.composition) if model.composition is not None else None,
        "trees": None,
        "replicates": None,
    }
    if model.trees is not None:
        names = [column.name for column in model.trees.columns]
        means = dict(zip(names, model.trees.mean_contributions.tolist(), strict=True))
        stated["trees"] = {"sha256": sha256(files[_tree_file(model.outcome)]), "mean_contributions": means}
    if model.replicates is not None:
        stated["replicates"] = {
            "sha256": sha256(files[_replicate_file(model.outcome)]),
            "count": len(model.replicates),
        }
    return stated


def read_model(stated: Mapping[str, Any], folder: Path) -> RiskModel:
    """Read a model back from its JSON data and the files beside it.

    Raises
    ------
    BundleError
        If a file is missing, too large or altered.
    """
    name, trees, replicates = stated["name"], stated["trees"], stated["replicates"]
    tree_part, columns = None, TREE_COLUMNS
    if trees is not None:
        ubj, means = _verified(folder / _tree_file(name), trees["sha256"]), trees["mean_contributions"]
        columns = _columns(means, folder)
        tree_part = TreePart(ubj, np.array([means[column.name] for column in columns]), columns)
    return RiskModel(
        outcome=name,
        method=stated["method"],
        horizons_days=tuple(stated["horizons_days"]),
        reference=np.array(stated["reference"], dtype=float),
        linear=_linear(stated["linear"], gradual=stated.get("gradual_burden", False))
        if stated["linear"] is not None
        else None,
        trees=tree_part,
        replicates=unpacked(_verified(folder / _replicate_file(name), replicates["sha256"]), columns)
        if replicates is not None
        else None,
        evidence_weight=stated["evidence_weight"],
        # Bundles of the first releases of the format have none.
        without_sources=tuple(_without(each) for each in stated.get("without_sources", ())),
    )


def composed_models(
    models: Mapping[str, RiskModel], stated: Iterable[Mapping[str, Any]]
) -> dict[str, RiskModel]:
    """Compose the models of a bundle, as their JSON data say.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome, as `read_model` reads them.
    stated : iterable of mapping
        As `stated_model` states them.

    Returns
    -------
    models : dict of str to RiskModel

    Raises
    ------
    BundleError
        If a model rests on one that the bundle does not have.
    """
    # Bundles of the first releases of the format compose nothing.
    named = {each["name"]: parts for each in stated if (parts := each.get("composition"))}
    absent = {name for parts in named.values() for name in (parts["given"], parts["plus"] or parts["given"])}
    if absent - set(models):
        message = f"the bundle has no model of {', '.join(sorted(absent - set(models)))}; train again"
        raise BundleError(message)
    bare = {
        name: replace(
            models[name],
            composition=Composition(
                models[parts["given"]], parts["happened"], models[parts["plus"]] if parts["plus"] else None
            ),
        )
        for name, parts in named.items()
    }
    return linked({**models, **bare})


def read_file(file: Path) -> bytes:
    """Read a file of a bundle unless it is too large to be one."""
    if file.stat().st_size > LARGEST_FILE:
        message = f"{file.name} is larger than {LARGEST_FILE // 2**20} MiB; this is not a bundle"
        raise BundleError(message)
    return read_at_once(file, most_bytes=LARGEST_FILE)


def sha256(raw: bytes) -> str:
    """Digest as 64 hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()


def _stated_terms(linear: LinearPart) -> list[dict[str, Any]]:
    return [
        {
            "term": name,
            "unit": KNOWN_TERMS[name].title,
            "centre": linear.centre[position],
            "low_burden": linear.low_burden[position],
            "high_burden": linear.high_burden[position],
            "spread": linear.spread[position],
            "coefficient": linear.coefficients[position],
            "published": linear.published[position],
            "prior_mean": linear.prior_mean[position],
            "prior_spread": linear.prior_spread[position],
            "sources": list(linear.sources[position]),
        }
        for position, name in enumerate(linear.terms)
    ]


def _linear(stated: Sequence[Mapping[str, Any]], *, gradual: bool) -> LinearPart:
    def column(key: str) -> Values:
        return np.array([row[key] for row in stated], dtype=float)

    return LinearPart(
        terms=tuple(row["term"] for row in stated),
        centre=column("centre"),
        low_burden=column("low_burden"),
        high_burden=column("high_burden"),
        spread=column("spread"),
        coefficients=column("coefficient"),
        published=column("published"),
        prior_mean=column("prior_mean"),
        prior_spread=column("prior_spread"),
        sources=tuple(tuple(row["sources"]) for row in stated),
        gradual=gradual,
    )


def _stated_composition(parts: Composition) -> dict[str, Any]:
    """Name the outcomes that a risk is composed of: their models are stated beside it."""
    return {
        "given": parts.given.outcome,
        "happened": parts.happened,
        "plus": parts.plus.outcome if parts.plus is not None else None,
    }


def _stated_without(without: WithoutSource) -> dict[str, Any]:
    return {
        "sources": list(without.sources),
        "reference": without.reference.tolist(),
        "coefficients": without.coefficients.tolist(),
    }


def _without(stated: Mapping[str, Any]) -> WithoutSource:
    return WithoutSource(
        sources=tuple(stated["sources"]),
        reference=np.array(stated["reference"], dtype=float),
        coefficients=np.array(stated["coefficients"], dtype=float),
    )


def _columns(names: Iterable[str], folder: Path) -> tuple[TreeColumn, ...]:
    """Find the columns that trees were fitted on, in their order."""
    known = {column.name: column for column in TREE_COLUMNS}
    unknown = [name for name in names if name not in known]
    if unknown:
        message = f"{folder} has trees on {', '.join(unknown)}, which the schema no longer has; train again"
        raise BundleError(message)
    return tuple(known[name] for name in names)


def _verified(file: Path, expected: str) -> bytes:
    if not file.is_file():
        message = f"{file.name} is missing from the bundle; restore it or train again"
        raise BundleError(message)
    raw = read_file(file)
    if sha256(raw) != expected:
        message = f"{file.name} is not the file the bundle was made with; restore it or train again"
        raise BundleError(message)
    return raw


def _tree_file(outcome: str) -> str:
    return f"{outcome}.trees.ubj"


def _replicate_file(outcome: str) -> str:
    return f"{outcome}.replicates.npz"
