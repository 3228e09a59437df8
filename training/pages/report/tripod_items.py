"""The items of TRIPOD+AI: number, title, the studies they apply to, and a short description.

Collins et al. 2024, BMJ 385:e078378, doi:10.1136/bmj-2023-078378. The wording is our own and shorter; the
statement is what counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SOURCE = "10.1136/bmj-2023-078378"

AskedOf = Literal["D", "E", "D;E"]
"""Studies that develop a model, that evaluate one, or both."""


@dataclass(frozen=True)
class Item:
    """One item of the checklist.

    Attributes
    ----------
    number, section, title : str
    asked_of : {"D", "E", "D;E"}
    asks : str
        In short.
    """

    number: str
    section: str
    title: str
    asked_of: AskedOf
    asks: str


BOTH: AskedOf = "D;E"

_CARE = "Usability of the model in the context of current care"

ITEMS: tuple[Item, ...] = (
    Item("1", "Title", "Title", BOTH, "Development or evaluation, target population and outcome"),
    Item("2", "Abstract", "Abstract", BOTH, "Structured summary by TRIPOD+AI for Abstracts"),
    Item("3a", "Introduction", "Background", BOTH, "Healthcare context, rationale, existing models"),
    Item("3b", "Introduction", "Background", BOTH, "Target population, purpose in care, intended users"),
    Item("3c", "Introduction", "Background", BOTH, "Known health inequalities between groups"),
    Item("4", "Introduction", "Objectives", BOTH, "Objectives: development, evaluation or both"),
    Item("5a", "Methods", "Data", BOTH, "Sources of data, rationale, representativeness"),
    Item("5b", "Methods", "Data", BOTH, "Dates of accrual and end of follow-up"),
    Item("6a", "Methods", "Participants", BOTH, "Setting, number and location of centers"),
    Item("6b", "Methods", "Participants", BOTH, "Eligibility"),
    Item("6c", "Methods", "Participants", BOTH, "Treatments received and how they were handled"),
    Item("7", "Methods", "Data preparation", BOTH, "Preprocessing and quality checks, same across groups"),
    Item(
        "8a",
        "Methods",
        "Outcome",
        BOTH,
        "Definition, time horizon, how and when assessed, same in all groups",
    ),
    Item("8b", "Methods", "Outcome", BOTH, "Who assessed it, if judgment is needed"),
    Item("8c", "Methods", "Outcome", BOTH, "Blinding of its assessment"),
    Item("9a", "Methods", "Predictors", "D", "Choice of initial predictors, any pre-selection"),
    Item("9b", "Methods", "Predictors", BOTH, "Definition, how and when measured, blinding"),
    Item("9c", "Methods", "Predictors", BOTH, "Who assessed them, if judgment is needed"),
    Item("10", "Methods", "Sample size", BOTH, "How the size was determined, and whether it is sufficient"),
    Item("11", "Methods", "Missing data", BOTH, "How missing data were handled, reasons for omitting data"),
    Item("12a", "Methods", "Analytical methods", "D", "How the data were used, any partition"),
    Item("12b", "Methods", "Analytical methods", "D", "Functional form and scaling of predictors"),
    Item("12c", "Methods", "Analytical methods", "D", "Type of model, building, tuning, internal validation"),
    Item("12d", "Methods", "Analytical methods", BOTH, "Heterogeneity across clusters, such as hospitals"),
    Item("12e", "Methods", "Analytical methods", BOTH, "Measures and plots of performance, and why"),
    Item("12f", "Methods", "Analytical methods", "E", "Model updating after the evaluation"),
    Item("12g", "Methods", "Analytical methods", "E", "How predictions were computed"),
    Item("13", "Methods", "Class imbalance", BOTH, "Methods for class imbalance, recalibration after them"),
    Item("14", "Methods", "Fairness", BOTH, "Approaches to fairness, and why"),
    Item("15", "Methods", "Model output", "D", "Probabilities or classes; how thresholds were chosen"),
    Item("16", "Methods", "Training versus evaluation", BOTH, "Differences between the two sets of data"),
    Item("17", "Methods", "Ethical approval", BOTH, "Committee, consent or its waiver"),
    Item("18a", "Open science", "Funding", BOTH, "Source of funding, role of the funders"),
    Item("18b", "Open science", "Conflicts of interest", BOTH, "Conflicts and disclosures of all authors"),
    Item("18c", "Open science", "Protocol", BOTH, "Where to find it, or statement that there was none"),
    Item(
        "18d", "Open science", "Registration", BOTH, "Register and number, or statement that there was none"
    ),
    Item("18e", "Open science", "Data sharing", BOTH, "Availability of the data"),
    Item("18f", "Open science", "Code sharing", BOTH, "Availability of the code"),
    Item(
        "19",
        "Patient and public involvement",
        "Patient and public involvement",
        BOTH,
        "Involvement, or statement that there was none",
    ),
    Item(
        "20a", "Results", "Participants", BOTH, "Flow, numbers with and without the outcome, follow-up time"
    ),
    Item(
        "20b", "Results", "Participants", BOTH, "Characteristics, treatments, events, amount of missing data"
    ),
    Item("20c", "Results", "Participants", "E", "Comparison with the development data"),
    Item("21", "Results", "Model development", BOTH, "Participants and events in each analysis"),
    Item("22", "Results", "Model specification", "D", "Full model, so that others can compute predictions"),
    Item("23a", "Results", "Model performance", BOTH, "Performance with intervals, also in subgroups"),
    Item("23b", "Results", "Model performance", BOTH, "Heterogeneity of performance across clusters"),
    Item("24", "Results", "Model updating", "E", "Results of any updating, and performance after it"),
    Item("25", "Discussion", "Interpretation", BOTH, "Overall interpretation, fairness, previous studies"),
    Item("26", "Discussion", "Limitations", BOTH, "Limitations and their implications"),
    Item("27a", "Discussion", _CARE, "D", "How poor or missing input is detected and handled in use"),
    Item("27b", "Discussion", _CARE, "D", "Required user interaction and expertise"),
    Item("27c", "Discussion", _CARE, BOTH, "Next steps"),
)
"""All 52, in order."""
