"""A released model as an object: its models, what is known of their validation, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from features.outcome import Estimand
from features.problems import counted
from features.short_repr import ShortRepr
from serving.model.cohort_summary import CohortSummary
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import OutcomeSummary
from serving.model.version_name import version_name

UNREGISTERED = "unregistered"


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
        trained = f"{self.cohort.name}, {counted(self.cohort.n_infusions, 'infusion')}"
        cohort = trained if self.cohort.trained else "no cohort"
        return f"version {self.version_name} ({self.digest[:14]}; {', '.join(self.models)}; {cohort})"
