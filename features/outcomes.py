"""The outcomes: what counts as an event, what competes, at which horizons; one entry each."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from features.decisions import GRADED_BY_DAY, IEC_HS_BY_DAY, MODERATE_GRADE, SEVERE_GRADE
from features.observation import (
    at_least,
    death,
    death_without_relapse,
    no_response_relapse_or_progression,
    stated,
)
from features.outcome import Given, Grading, Outcome

_REMISSION = ("response_day28", "relapse_day", "death_day", "last_contact_day")
_FURTHER_THERAPIES = ("allo_hsct_day", "next_infusion_day")

_ENTRIES = (
    Outcome(
        name="severe_crs",
        title="severe CRS (grade 3 or higher)",
        definition="cytokine release syndrome of grade 3 or higher by ASTCT 2019 "
        "(doi:10.1016/j.bbmt.2018.12.758), onset by day 30 after infusion",
        horizons_days=(GRADED_BY_DAY,),
        competing="",
        needs=("crs_grade", "crs_grading_system"),
        observe=at_least(SEVERE_GRADE, "crs_grade", "crs_onset_day"),
        grading=Grading(grade="crs_grade", system="crs_grading_system", accepted="astct_2019"),
        main=True,
    ),
    Outcome(
        name="severe_icans",
        title="severe ICANS (grade 3 or higher)",
        definition="immune effector cell-associated neurotoxicity syndrome of grade 3 or higher by "
        "ASTCT 2019 (doi:10.1016/j.bbmt.2018.12.758) by day 30 after infusion",
        horizons_days=(GRADED_BY_DAY,),
        competing="",
        needs=("icans_grade",),
        observe=at_least(SEVERE_GRADE, "icans_grade"),
        main=True,
    ),
    Outcome(
        name="relapse",
        title="no response, relapse or progression",
        definition="no response at the day-28 assessment (an event on that day), relapse or progression; "
        "cumulative incidence with death without any of them competing",
        horizons_days=(365, 90, 180, 730),
        competing="death before any of these",
        needs=_REMISSION,
        observe=no_response_relapse_or_progression,
        therapies=_FURTHER_THERAPIES,
        main=True,
        without_remission=True,
    ),
    Outcome(
        name="death_without_relapse",
        title="death without relapse",
        definition="death from any cause before no response, relapse or progression; cumulative incidence "
        "with any of them competing",
        horizons_days=(365, 90, 180, 730),
        competing="no response, relapse or progression before death",
        needs=_REMISSION,
        observe=death_without_relapse,
        therapies=_FURTHER_THERAPIES,
        given=Given(
            "relapse",
            happened=False,
            words="patients who responded and have no relapse or progression",
            neither="alive in remission",
        ),
    ),
    Outcome(
        name="death",
        title="death from any cause",
        definition="death from any cause; 1 minus overall survival",
        horizons_days=(365, 90, 180, 730),
        competing="",
        needs=_REMISSION,
        observe=death,
        therapies=_FURTHER_THERAPIES,
        given=Given(
            "relapse",
            happened=True,
            words="patients with no response, relapse or progression",
            plus="death_without_relapse",
        ),
    ),
    Outcome(
        name="crs_grade_2_or_higher",
        title="CRS of grade 2 or higher",
        definition="cytokine release syndrome of grade 2 or higher by ASTCT 2019 "
        "(doi:10.1016/j.bbmt.2018.12.758), onset by day 30 after infusion",
        horizons_days=(GRADED_BY_DAY,),
        competing="",
        needs=("crs_grade", "crs_grading_system"),
        observe=at_least(MODERATE_GRADE, "crs_grade", "crs_onset_day"),
        grading=Grading(grade="crs_grade", system="crs_grading_system", accepted="astct_2019"),
        given=Given("severe_crs", happened=False, words="patients without severe CRS", plus="severe_crs"),
    ),
    Outcome(
        name="severe_icaht",
        title="severe early ICAHT (grade 3 or higher)",
        definition="early immune effector cell-associated hematotoxicity of grade 3 or higher by EHA/EBMT "
        "2023 (doi:10.1182/blood.2023020578): days 0 to 30 with neutrophils of at most 0.5 x 10^9/L on "
        "14 days or more, or of at most 0.1 x 10^9/L on 7 days or more",
        horizons_days=(GRADED_BY_DAY,),
        competing="",
        needs=("icaht_grade",),
        observe=at_least(SEVERE_GRADE, "icaht_grade"),
        scores=("car_hematotox",),
    ),
    Outcome(
        name="iec_hs",
        title="IEC-HS",
        definition="immune effector cell-associated HLH-like syndrome by ASTCT 2023 "
        f"(doi:10.1016/j.jtct.2023.03.006) by day {IEC_HS_BY_DAY} after infusion",
        horizons_days=(IEC_HS_BY_DAY,),
        competing="",
        needs=("iec_hs",),
        observe=stated("iec_hs", by_day=IEC_HS_BY_DAY),
    ),
)

OUTCOMES: Mapping[str, Outcome] = {outcome.name: outcome for outcome in _ENTRIES}
"""Every outcome by name; everything else iterates over these entries."""


def with_composed_of(names: Collection[str]) -> tuple[str, ...]:
    """Add the outcomes that others are composed of, in the order of `OUTCOMES`.

    Examples
    --------
    >>> with_composed_of(["death_without_relapse"])
    ('relapse', 'death_without_relapse')
    """
    needed = set(names)
    # From the last entry on: an outcome rests on earlier ones only.
    for name in reversed(tuple(OUTCOMES)):
        given = OUTCOMES[name].given
        if name in needed and given is not None:
            needed.update(given.rests_on)
    return tuple(name for name in OUTCOMES if name in needed)
