"""One reason of a risk: what a field contributes to it."""

from __future__ import annotations

from serving.answers.described import Described

Value = bool | int | float | str | None


class Contribution(Described):
    """Contribution of one field to the log-odds."""

    field: str
    """A column of the request, or a composite of several."""
    title: str
    value: Value
    """Value in the request; null where it is blank, and for composites. For a listed product ``label_values``
    of the answer may state it."""
    unit: str
    log_odds: float
    """Contribution to the log-odds of the risk at every horizon; a negative one lowers the risk."""
    published: float
    """Part from published effects and rates. Without sources it follows from how far products differ where no
    rate of this one is published."""
    local: float
    """Part from the training cohort."""
    sources: list[str]
    """DOI, PMID, NCT or citation of the published part."""
    studied: list[str]
    """Patients, disease and product of each of these sources, in English; empty where not known."""
    inputs: list[str]
    """Columns of a composite."""
    group: str
    """Group of rows to be read together, such as "disease_burden"; empty where there is none."""
