"""Performance of a model in single centers and subgroups, as a bundle keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from serving.model.measured import Measured


@dataclass(frozen=True)
class CenterResult:
    """Performance in one center of a model trained on the others.

    Attributes
    ----------
    n_infusions : int
        Of the center.
    n_events : int, optional
        Events among them; None where they are masked (`serving.model.masked_bundle`).
    metrics : mapping of str to Measured
        At the headline horizon.
    """

    n_infusions: int
    n_events: int | None
    metrics: Mapping[str, Measured]


@dataclass(frozen=True)
class SubgroupResult(CenterResult):
    """Out-of-fold performance in one subgroup; counts are rounded down to a multiple of 5.

    Attributes
    ----------
    title : str
        Name of the subgroup in English; empty in bundles of earlier versions, whose codes are the names.
    """

    title: str = ""


def _by_number(results: Any) -> Any:
    """Read centers by number; a bundle of an earlier version has labels such as ``centre 1``."""
    if not isinstance(results, Mapping):
        return results
    return {str(label).split()[-1]: result for label, result in results.items()}


def _centers_by_number(results: Any) -> Any:
    if not isinstance(results, Mapping) or "center" not in results:
        return results
    return {**results, "center": _by_number(results["center"])}


ByCenter = Annotated[Mapping[int, CenterResult], BeforeValidator(_by_number)]
"""Results by center: 1 is the largest."""
BySubgroup = Annotated[Mapping[str, Mapping[str, SubgroupResult]], BeforeValidator(_centers_by_number)]
"""Results by column of the schema, then by code of the subgroup."""
