"""The summary of a checked cohort on the terminal: size, outcomes, follow-up, missing values, remarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from features.checking.remark import Remark
from features.checking.remark_effects import effect_words
from features.checking.remarks import missing_share
from features.cohort import Cohort
from features.decisions import decision_words
from features.field import specs
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.problems import counted
from features.schema import FollowUp, Patient
from training.console.screen import print_line
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data


def show_summary(cohort: Cohort, remarks: Sequence[Remark], console: Console) -> None:
    """Print a summary of a checked cohort, and remarks on implausible data."""
    console.print(f"{cohort.name}: {_size(cohort)}", highlight=False, markup=False)
    console.print(_outcomes(cohort))
    for line in _decisions(cohort):
        print_line(console, line)
    console.print(_grades(cohort))
    console.print(_missing(cohort))
    for remark in remarks:
        print_line(console, f"remark: {remark}")
        if words := effect_words(remark, cohort):
            print_line(console, f"  {words}")


def _size(cohort: Cohort) -> str:
    centers = len(set(cohort.center) - {""})
    kind = "synthetic" if cohort.synthetic else "not synthetic"
    infusions, patients = counted(len(cohort), "infusion"), counted(cohort.n_patients, "patient")
    return f"{infusions} of {patients}, {counted(centers, 'center')} named, {kind}"


def _outcomes(cohort: Cohort) -> Table:
    """Show which outcomes training would use, and with which horizons."""
    columns = ("outcome", "infusions", "distinct events", "horizons (days), or reason left out")
    table = Table(*columns, title="Outcomes")
    for name, outcome in OUTCOMES.items():
        data = outcome_data(cohort, outcome, FitConfig())
        if isinstance(data, OutcomeData):
            days = ", ".join(str(day) for day in sorted(data.horizons_days))
            table.add_row(name, str(len(data)), str(data.n_events), days)
        else:
            answered = "published evidence only: " if data.recorded else ""
            table.add_row(name, "", "", f"{answered}{data.reason}")
    return table


def _decisions(cohort: Cohort) -> list[str]:
    """List the assumptions made about infusions, in the words of `train`."""
    return [
        f"{name}: {counted(count, 'infusion')}: {decision_words(code)}"
        for name, outcome in OUTCOMES.items()
        for code, count in observe(outcome, cohort.follow_up).counts.items()
        if count and any(column in cohort.present for column in outcome.needs)
    ]


def _grades(cohort: Cohort) -> Table:
    """Summarize follow-up: grades, categories and days."""
    table = Table("follow-up", "infusions", "summary", title="Follow-up")
    for name, spec in specs(FollowUp).items():
        values = cohort.follow_up[name]
        known = values[~np.isnan(values)]
        if spec.high == 5 and len(known):
            table.add_row(name, str(len(known)), f"{int(np.sum(known >= 3))} of grade 3 or higher")
        elif spec.options and len(known):
            counts = [f"{int(np.sum(known == code))} {option}" for code, option in enumerate(spec.options)]
            table.add_row(name, str(len(known)), ", ".join(count for count in counts if count[:2] != "0 "))
        elif len(known):
            table.add_row(name, str(len(known)), f"median {np.median(known):g} {spec.unit}")
    return table


def _missing(cohort: Cohort) -> Table:
    table = Table("field", "missing", "in the file", title="Predictors")
    shares = missing_share(cohort)
    for name in specs(Patient):
        table.add_row(name, f"{shares[name]:.0%}", "yes" if name in cohort.present else "no")
    return table
