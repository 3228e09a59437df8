"""From a patient and options to risks side by side, all evaluated together."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.columns import Columns, Values
from features.field import specs
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.product_names import PRODUCT_NAME
from features.schema import Patient, RowId
from features.short_repr import ShortRepr
from serving.answers.choices import changed_patient
from serving.answers.intended_use import INTENDED_USE
from serving.answers.options import (
    AsEntered,
    Basis,
    Change,
    ComparedOutcome,
    OptionOutcome,
    OptionRisks,
    OptionsAnswer,
    RiskDifference,
    StateDifferences,
)
from serving.answers.options_answered import OptionsAnswered
from serving.answers.product_label import fields_by_label, label_values
from serving.answers.schema import BundleName, Interval
from serving.answers.states import FamilyRisks, States, families, family_risks, stated_risks
from serving.answers.warnings import cautions
from serving.model.bundle import Bundle
from serving.model.field_use import MOVING, Use
from serving.model.interval_ends import INTERVAL_LEVEL
from serving.model.outcome_risks import OutcomeRisks
from serving.model.risk_differences import paired_differences, published_share
from serving.model.risk_model import all_models

LEAST_PUBLISHED = 0.9
"""Published share from which a difference is called "as published": a tenth of a difference of 10 points is 1
point, and risks are read as whole percents."""

ENTERED = 0
"""Position of the patient as entered; options follow."""


@dataclass(frozen=True, repr=False)
class _Compared(ShortRepr):
    """Patients with and without options, and their risks.

    Attributes
    ----------
    questions : tuple of mapping
        The patient as entered, then with each option.
    patients : Columns of `Patient`
        The patient as entered first; equal patients have one row.
    positions : tuple of int
        Row of each option; `ENTERED` for one that changes nothing.
    risks : mapping of str to OutcomeRisks
        By outcome.
    families : tuple of FamilyRisks
        By the headline horizon.
    shares : mapping of str to list
        Published share by outcome, one entry an option.
    """

    questions: tuple[Mapping[str, Any], ...]
    patients: Columns
    positions: tuple[int, ...]
    risks: Mapping[str, OutcomeRisks]
    families: tuple[FamilyRisks, ...]
    shares: Mapping[str, list[float | None]]


def options_answer(
    bundle: Bundle,
    risks_of: Callable[[Columns], Mapping[str, OutcomeRisks]],
    uses: Mapping[str, Mapping[str, Use]],
    patient: Mapping[str, Any],
    options: Sequence[Mapping[str, Any]],
) -> OptionsAnswered:
    """Answer for a patient as entered and with each option.

    Parameters
    ----------
    bundle : Bundle
        The model that answers.
    risks_of : callable
        Gives the risks of patients by outcome.
    uses : mapping
        Use of each field by outcome, as `serving.model.field_use.field_use` states it.
    patient : mapping
        Checked values by column of `Patient`, None or absent where not known.
    options : sequence of mapping
        Checked values of fields that each option states.

    Returns
    -------
    answered : OptionsAnswered
        The differences of an option that changes nothing are exactly 0.
    """
    compared = _compared(bundle, risks_of, patient, options)
    outcomes, states = _outcomes(compared), _states(compared)
    differences, state_differences = _differences(compared), _state_differences(compared)
    values = [compared.patients.row(position) for position in range(len(compared.patients))]
    warnings = [cautions(bundle, each) for each in values]
    by_label = fields_by_label(bundle.models.values())
    answer = OptionsAnswer(
        prediction_id=str(uuid.uuid4()),
        bundle=BundleName(version=bundle.version_name, digest=bundle.digest),
        intended_use=INTENDED_USE,
        base=AsEntered(outcomes=outcomes[ENTERED], states=states[ENTERED], warnings=warnings[ENTERED]),
        options=[
            _option(
                changed=[
                    *_changes(values[ENTERED], values[position], options[at], uses),
                    *_name_change(compared.questions[ENTERED], compared.questions[at + 1]),
                ],
                label_values=label_values(values[position], by_label),
                outcomes=[
                    OptionOutcome(**dict(outcome), difference=differences[outcome.name][at])
                    for outcome in outcomes[position]
                ],
                states=states[position],
                state_differences=[each[at] for each in state_differences],
                warnings=[each for each in warnings[position] if each not in warnings[ENTERED]],
            )
            for at, position in enumerate(compared.positions)
        ],
    )
    return OptionsAnswered(
        answer=answer,
        questions=compared.questions,
        values=tuple(values[position] for position in (ENTERED, *compared.positions)),
        cautions=tuple(tuple(warnings[position]) for position in (ENTERED, *compared.positions)),
    )


def _option(*, changed: list[Change], **parts: Any) -> OptionRisks:
    compared = [each for each in changed if each.field != PRODUCT_NAME]
    return OptionRisks(
        changed=changed, without_effect=[each.field for each in compared if not each.moves], **parts
    )


def _compared(
    bundle: Bundle,
    risks_of: Callable[[Columns], Mapping[str, OutcomeRisks]],
    patient: Mapping[str, Any],
    options: Sequence[Mapping[str, Any]],
) -> _Compared:
    """Evaluate the patient as entered and every option in one step."""
    questions = (patient, *(changed_patient(patient, option) for option in options))
    every = predictors(questions)
    rows = [every.row(position) for position in range(len(every))]
    # The same row twice would agree to rounding only.
    first = [rows.index(row) for row in rows]
    kept = sorted(set(first))
    patients = every.take(np.array(kept))
    positions = [kept.index(at) for at in first[1:]]
    risks = risks_of(patients)
    return _Compared(
        questions=questions,
        patients=patients,
        positions=tuple(positions),
        risks=risks,
        families=tuple(_headline(family, risks) for family in families(risks)),
        shares=_shares(bundle, risks, positions),
    )


def _headline(family: tuple[str, str], risks: Mapping[str, OutcomeRisks]) -> FamilyRisks:
    """Risks of a family by the headline horizon, which the outcome that is composed shares with the other."""
    return family_risks(family, risks).by_day(risks[family[-1]].horizons_days[0])


def _shares(
    bundle: Bundle, risks: Mapping[str, OutcomeRisks], positions: Sequence[int]
) -> dict[str, list[float | None]]:
    """Compute the published share of each difference, by outcome."""
    shares = {}
    for name, model in bundle.models.items():
        explanations = [risks[each.outcome].explanation for each in all_models(model)]
        shares[name] = [published_share(explanations, other=at, base=ENTERED) for at in positions]
    return shares


def _outcomes(compared: _Compared) -> list[list[ComparedOutcome]]:
    """Headline risks by patient and outcome."""
    return [
        [
            ComparedOutcome(
                name=name,
                title=OUTCOMES[name].title,
                main=OUTCOMES[name].main,
                horizon_days=risks.horizons_days[0],
                risk=float(risks.risk[position, 0]),
                interval=Interval(
                    level=INTERVAL_LEVEL,
                    low=float(risks.low[position, 0]),
                    high=float(risks.high[position, 0]),
                ),
            )
            for name, risks in compared.risks.items()
        ]
        for position in range(len(compared.patients))
    ]


def _states(compared: _Compared) -> list[list[States]]:
    """States by patient and family."""
    by_family = [stated_risks(family) for family in compared.families]
    return [[each[position] for each in by_family] for position in range(len(compared.patients))]


def _differences(compared: _Compared) -> dict[str, list[RiskDifference]]:
    """Headline differences by outcome, one an option."""
    return {
        name: _stated(compared, name, risks.risk[:, 0], risks.replicates[:, :, 0])
        for name, risks in compared.risks.items()
    }


def _state_differences(compared: _Compared) -> list[list[StateDifferences]]:
    """Differences of the states by family, one an option."""
    listed = []
    for family in compared.families:
        # What is neither rests on both outcomes, as the one that is composed does.
        names = (*family.names, family.names[-1])
        columns = [
            _stated(compared, name, risk[:, 0], replicates[:, :, 0])
            for name, (risk, replicates) in zip(names, family.with_neither, strict=True)
        ]
        listed.append(
            [
                StateDifferences(
                    horizon_days=family.days[0],
                    outcomes=dict(zip(family.names, of_option[:-1], strict=True)),
                    neither=of_option[-1],
                )
                for of_option in zip(*columns, strict=True)
            ]
        )
    return listed


def _stated(compared: _Compared, name: str, risk: Values, replicates: Values) -> list[RiskDifference]:
    """State the differences of one risk, each on the basis of an outcome."""
    columns = paired_differences(risk, replicates, others=compared.positions, base=ENTERED)
    return [
        RiskDifference(risk=difference, low=low, high=high, basis=_basis(share), published_share=share)
        for difference, low, high, share in zip(
            *(column.tolist() for column in columns), compared.shares[name], strict=True
        )
    ]


def _basis(share: float | None) -> Basis | None:
    if share is None:
        return None
    return "as published" if share >= LEAST_PUBLISHED else "association"


def _changes(
    entered: Mapping[str, Any],
    values: Mapping[str, Any],
    option: Mapping[str, Any],
    uses: Mapping[str, Mapping[str, Use]],
) -> list[Change]:
    """List the fields that differ."""
    return [
        Change(
            field=name,
            title=field.title,
            unit=field.unit,
            entered=entered[name],
            value=values[name],
            followed=name not in option,
            moves=[outcome for outcome, use in uses.items() if use[name] in MOVING],
        )
        for name, field in specs(Patient).items()
        if entered[name] != values[name]
    ]


def _name_change(entered: Mapping[str, Any], option: Mapping[str, Any]) -> list[Change]:
    """State that the name of a product goes with the product; it is no column of the model."""
    before, after = entered.get(PRODUCT_NAME), option.get(PRODUCT_NAME)
    if before == after:
        return []
    title = specs(RowId)[PRODUCT_NAME].title
    change = Change(
        field=PRODUCT_NAME, title=title, unit="", entered=before, value=after, followed=True, moves=[]
    )
    return [change]
