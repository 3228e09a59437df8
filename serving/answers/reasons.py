"""The reasons of a risk: contributions to its log-odds, with the sources of their published part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.columns import Values
from features.explanation_groups import explanation_group
from features.field import specs
from features.schema import Patient
from serving.answers.context import row_inputs, row_title
from serving.answers.contribution import Contribution
from serving.answers.studied import studied
from serving.model.explanation import Explanation
from serving.model.risk_model import RiskModel

LEAST_SHOWN = 0.005
"""Log-odds below which a part is shown as 0.00."""


def contributions(
    model: RiskModel, explanation: Explanation, position: int, values: Mapping[str, Any]
) -> list[Contribution]:
    """List the contributions, strongest first; a column the model never used is left out.

    Parameters
    ----------
    model : RiskModel
    explanation : Explanation
        Of the model.
    position : int
        Of the patient.
    values : mapping
        The patient's values by column of `Patient`, None where not known.

    Returns
    -------
    reasons : list of Contribution
    """
    sources = sources_by_row(model, explanation.published_terms[position])
    inputs = row_inputs()
    fields = specs(Patient)
    listed = []
    for row, name in enumerate(explanation.fields):
        total = float(explanation.contributions[position, row])
        published = float(explanation.published[position, row])
        known = name in fields
        listed.append(
            Contribution(
                field=name,
                title=row_title(name),
                value=values[name] if known else None,
                unit=fields[name].unit if known else "",
                log_odds=total,
                published=published,
                local=total - published,
                sources=sources.get(name, []),
                studied=[studied(model.outcome, source) for source in sources.get(name, [])],
                inputs=[] if known else list(inputs[name]),
                group=explanation_group(name),
            )
        )
    return sorted(listed, key=lambda item: -abs(item.log_odds))


def sources_by_row(model: RiskModel, published: Values) -> dict[str, list[str]]:
    """List the sources of the published part of each row of one patient.

    A term whose published part is shown as 0 names nothing: rates of one product are no source for another.

    Parameters
    ----------
    model : RiskModel
    published : ndarray of shape (n_terms,)
        Published part by term of the linear part, log-odds.

    Returns
    -------
    sources : dict of str to list of str
        By row of the explanation.
    """
    listed: dict[str, list[str]] = {}
    if model.linear is not None:
        for parent, part, sources in zip(model.linear.parents, published, model.linear.sources, strict=True):
            known = listed.setdefault(parent, [])
            known.extend(source for source in sources if abs(part) >= LEAST_SHOWN and source not in known)
    return listed
