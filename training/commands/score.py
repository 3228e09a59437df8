"""Predict the risks of every infusion of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd
import typer
from rich.console import Console

from features.field import specs
from features.files.output_files import Output, Outputs
from features.read_cohort import read_cohort
from features.schema import Patient
from training.commands.options import BundleFolder, CohortFile, MappingFile, Overwrite, given_path

if TYPE_CHECKING:
    from features.cohort import Cohort
    from serving.answers.scorer import Scorer
    from serving.model.outcome_risks import OutcomeRisks


def command(
    cohort: CohortFile,
    out: Annotated[Path, typer.Option(readable=False, help="Table of risks to write (CSV)")],
    bundle: BundleFolder = "",
    contributions: Annotated[
        bool,
        typer.Option(
            "--contributions/--no-contributions",
            help="Add each field's contribution to the risk, in log-odds",
        ),
    ] = False,
    mapping: MappingFile = "",
    overwrite: Overwrite = False,
) -> None:
    """Predict risks for every infusion."""
    score(
        cohort,
        out,
        bundle=given_path(bundle),
        contributions=contributions,
        mapping=given_path(mapping),
        overwrite=overwrite,
    )


def score(
    cohort: Path,
    out: Path,
    *,
    bundle: Path | None = None,
    contributions: bool = False,
    mapping: Path | None = None,
    overwrite: bool = False,
) -> None:
    """Write the risks of a cohort as CSV.

    Parameters
    ----------
    cohort : Path
        The cohort; follow-up columns are not needed.
    out : Path
        One row per infusion, outcome and horizon.
    bundle : Path, optional
        A bundle folder; the released one by default.
    contributions : bool
        Whether to add ``reference_log_odds`` and a column ``contribution_<field>`` for every field.
    mapping : Path, optional
        Maps a site's own table.
    overwrite : bool
        Whether an earlier file may be replaced.

    Raises
    ------
    Refused
        If the cohort or the bundle is refused, or the file cannot be written there.
    """
    # The scorer's libraries take seconds to import.
    from serving.answers.scorer import Scorer
    from serving.model.released_bundle import cautions_of, released_bundle, verified_bundle
    from training.commands.score_notes import score_notes

    inputs = [path for path in (cohort, mapping, bundle) if path is not None]
    Outputs(Output(out), inputs=inputs, overwrite=overwrite)
    scorer = Scorer(verified_bundle(bundle or released_bundle()))
    screen = Console(stderr=True, soft_wrap=True)
    for caution in cautions_of(bundle or released_bundle(), scorer.bundle):
        screen.print(f"warning: {caution}", highlight=False, markup=False)
    if bundle is None:
        # MLflow takes seconds to import, and a bundle folder does without it.
        from training.tracking.release_agreement import warn_before_serving

        warn_before_serving()
    read = read_cohort(cohort, mapping=mapping)
    file = Output(out, patients=True, n_bytes=_size(scorer, len(read), contributions=contributions))
    outputs = Outputs(file, inputs=inputs, overwrite=overwrite)
    table = risk_table(scorer, read, contributions=contributions)
    outputs.write({out: table.to_csv(index=False, lineterminator="\n")})
    synthetic = "; the model was trained on a SYNTHETIC cohort" if scorer.bundle.cohort.synthetic else ""
    screen.print(f"{len(read)} infusions scored by {scorer.bundle.named}", highlight=False, markup=False)
    screen.print(f"{len(table)} risks in {out}{synthetic}", highlight=False, markup=False)
    for note in score_notes(scorer.bundle, read.patients):
        screen.print(note, highlight=False, markup=False)


def risk_table(scorer: Scorer, cohort: Cohort, *, contributions: bool) -> pd.DataFrame:
    """Lay out risks: one row per infusion, outcome and horizon.

    Parameters
    ----------
    scorer : Scorer
    cohort : Cohort
    contributions : bool
        Whether to add the log-odds of every field; blank where an outcome's model does not use it.

    Returns
    -------
    table : DataFrame
        ``patient_id, infusion_number, outcome, horizon_days, risk, low, high``, then ``risk_among`` (the risk
        among those who can have the outcome, which the contributions explain) and the contributions.
    """
    parts = [
        _rows(cohort, name, risks, horizon, days, contributions=contributions)
        for name, risks in scorer.risks(cohort.patients).items()
        for horizon, days in sorted(enumerate(risks.horizons_days), key=lambda item: item[1])
    ]
    table = pd.concat(parts, keys=range(len(parts)), names=["part", "infusion"])
    return table.sort_index(level=["infusion", "part"]).reset_index(drop=True)


def _size(scorer: Scorer, n_infusions: int, *, contributions: bool) -> int:
    """Estimate the bytes of the file: a number has at most 20 characters, names and identifiers 100."""
    models = scorer.bundle.models.values()
    columns = 5 + (1 + len(specs(Patient)) if contributions else 0)
    return n_infusions * sum(len(model.horizons_days) for model in models) * (100 + 20 * columns)


def _rows(
    cohort: Cohort, name: str, risks: OutcomeRisks, horizon: int, days: int, *, contributions: bool
) -> pd.DataFrame:
    columns = {
        "patient_id": cohort.patient_id,
        "infusion_number": cohort.infusion_number,
        "outcome": np.full(len(cohort), name),
        "horizon_days": np.full(len(cohort), days),
        "risk": risks.risk[:, horizon],
        "low": risks.low[:, horizon],
        "high": risks.high[:, horizon],
    }
    if contributions:
        explanation = risks.explanation
        columns["risk_among"] = explanation.risk[:, horizon]
        columns["reference_log_odds"] = np.full(len(cohort), explanation.reference[horizon])
        for position, field in enumerate(explanation.fields):
            columns[f"contribution_{field}"] = explanation.contributions[:, position]
    return pd.DataFrame(columns)
