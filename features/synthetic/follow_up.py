"""The course of made-up infusions: toxicity, response, relapse, death, further therapy, end of follow-up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.field import specs
from features.schema import FollowUp
from features.short_repr import ShortRepr
from features.synthetic.draws import expit, pick, whole_day, yes
from features.synthetic.truth import (
    ASSESSED_ON,
    EARLY_DEATH,
    LATE_DEATH_MEAN_DAYS,
    MILD_CRS,
    NO_RESPONSE_ODDS,
    TOGETHER,
    iec_hs_log_odds,
    relapse_odds_share,
    relapse_point,
    severe_icaht_log_odds,
    true_log_odds,
    true_nonrelapse_mortality,
)

ENTRY_YEARS = 4.0
LOSS_MEAN_DAYS = 2500.0
FIRST_LOSS_DAY = 30.0
"""No patient is lost to follow-up while in hospital."""

FURTHER_INFUSION_SHARE = 0.36
"""Of those seen to fail, how many get cells again."""

MILD_ICANS = (0.7, 0.18, 0.12)
"""Shares of grades 0 to 2 where ICANS is not severe."""
NEVER = np.inf


@dataclass(frozen=True, repr=False)
class Course(ShortRepr):
    """All that would happen after each infusion, whether or not it was seen; `NEVER` where it would not.

    Attributes
    ----------
    crs_grade, icans_grade, crs_onset_day : ndarray of shape (n_infusions,)
        Worst grades; NaN for the onset where there was no CRS.
    complete_remission : ndarray of bool, shape (n_infusions,)
        Of a responder: CR rather than CRi.
    response_day : ndarray of shape (n_infusions,)
        Planned day of the response assessment.
    event, event_day : ndarray of shape (n_infusions,)
        1 no response, relapse or progression; 2 death without; 0 neither.
    death_day, allo_hsct_day, next_infusion_day : ndarray of shape (n_infusions,)
        Days from infusion.
    censoring_day : ndarray of shape (n_infusions,)
        End of follow-up of those alive; drawn without looking at anything else.
    icaht_grade, iec_hs : ndarray of shape (n_infusions,)
        Worst grade of early ICAHT; 1 where IEC-HS came, else 0.
    """

    crs_grade: Values
    icans_grade: Values
    crs_onset_day: Values
    complete_remission: NDArray[np.bool_]
    response_day: Values
    event: NDArray[np.int64]
    event_day: Values
    death_day: Values
    allo_hsct_day: Values
    next_infusion_day: Values
    censoring_day: Values
    icaht_grade: Values
    iec_hs: Values

    @property
    def no_response(self) -> NDArray[np.bool_]:
        """Whether the event is that the assessment found no response."""
        return np.asarray((self.event == 1) & (self.event_day == self.response_day), dtype=np.bool_)

    @property
    def last_contact_day(self) -> Values:
        """Death or end of follow-up, whichever is first."""
        return np.minimum(self.censoring_day, self.death_day)

    def without_next(self) -> Course:
        """Leave out further infusions: those treated again go on without, alive to the end of follow-up."""
        return replace(self, next_infusion_day=np.full_like(self.next_infusion_day, NEVER))

    def continued(self, index: NDArray[np.int64], later: Course) -> Course:
        """Carry what became of the next infusion back to the one before it.

        Parameters
        ----------
        index : ndarray of int
            Infusions that were followed by those of ``later``, in its order.
        later : Course
            Of the next infusions.
        """
        death, end = self.death_day.copy(), self.censoring_day.copy()
        death[index] = self.next_infusion_day[index] + later.death_day
        end[index] = self.next_infusion_day[index] + later.censoring_day
        return replace(self, death_day=death, censoring_day=end)


def draw_course(patients: Columns, *, rng: np.random.Generator) -> Course:
    """Draw what happens after infusions, by the true risks of `features.synthetic.truth`.

    Further infusions are given only after no response or relapse was seen. AlloHSCT in remission depends on
    age, burden and prior HSCT alone, so that it says nothing of what would happen later and changes no risk.

    Parameters
    ----------
    patients : Columns of `Patient`
        Complete predictors.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    course : Course
    """
    size = len(patients)
    severe_crs, severe_icans = _severe_toxicity(patients, rng)
    response_day = np.clip(np.round(ASSESSED_ON + 2.5 * rng.normal(size=size)), 24, 42)
    fails, failure_day = _failure(patients, response_day, rng)
    dies = ~fails & (rng.random(size) < true_nonrelapse_mortality(patients))
    early = dies & (rng.random(size) < np.where(severe_crs | severe_icans, *EARLY_DEATH[::-1]))
    toxic_day = whole_day(rng.uniform(3, 27, size))
    late_day = whole_day(response_day + 1 + rng.exponential(LATE_DEATH_MEAN_DAYS, size))
    lethal_day = np.where(early, toxic_day, late_day)
    event = np.select([fails, dies], [1, 2], 0).astype(np.int64)
    event_day = np.select([fails, dies], [failure_day, lethal_day], NEVER)

    censoring_day = _censoring(size, rng)
    treated_again = fails & (event_day <= censoring_day) & (rng.random(size) < FURTHER_INFUSION_SHARE)
    next_day = event_day + whole_day(rng.uniform(20, 120, size))
    death_after = event_day + whole_day(rng.exponential(300.0, size))
    dies_after = fails & ~treated_again & (rng.random(size) < 0.8)
    crs_grade = _grade(severe_crs, lethal=severe_crs & early, rng=rng, mild=MILD_CRS)
    return Course(
        crs_grade=crs_grade,
        icans_grade=_grade(severe_icans, lethal=severe_icans & ~severe_crs & early, rng=rng, mild=MILD_ICANS),
        crs_onset_day=_onset(crs_grade, rng),
        complete_remission=rng.random(size) < expit(0.6 + 0.01 * (patients["platelets_1e9_l"] - 75)),
        response_day=response_day,
        event=event,
        event_day=event_day,
        death_day=np.select([event == 2, dies_after], [event_day, death_after], NEVER),
        allo_hsct_day=_transplant(patients, response_day, event_day, rng),
        next_infusion_day=np.where(treated_again, next_day, NEVER),
        censoring_day=censoring_day,
        **_blood_counts(patients, severe_crs, rng.spawn(1)[0]),
    )


def seen(course: Course) -> Columns:
    """Columns of `FollowUp` as a center would have them at the end of follow-up, complete."""
    last = course.last_contact_day

    def day_seen(day: Values) -> Values:
        return np.where(day <= last, day, np.nan)

    assessed = course.response_day <= last
    response = np.select(
        [assessed & course.no_response, assessed & course.complete_remission, assessed],
        [_response("no_response"), _response("cr"), _response("cri")],
        np.where(course.death_day <= last, _response("not_assessed"), np.nan),
    )
    relapsed = (course.event == 1) & ~course.no_response
    graded = np.full(len(last), float(specs(FollowUp)["crs_grading_system"].options.index("astct_2019")))
    return Columns(
        FollowUp,
        {
            "crs_grade": course.crs_grade,
            "crs_grading_system": graded,
            "crs_onset_day": np.minimum(course.crs_onset_day, last),
            "icans_grade": course.icans_grade,
            "icaht_grade": course.icaht_grade,
            "iec_hs": course.iec_hs,
            "response_day28": response,
            "response_day": np.where(assessed, course.response_day, np.nan),
            "relapse_day": day_seen(np.where(relapsed, course.event_day, NEVER)),
            "death_day": day_seen(course.death_day),
            "allo_hsct_day": day_seen(course.allo_hsct_day),
            "next_infusion_day": day_seen(course.next_infusion_day),
            "last_contact_day": last,
        },
    )


def _severe_toxicity(
    patients: Columns, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Draw both severe toxicities; in three of ten from the same number, so that they come together."""
    size = len(patients)
    for_crs, alone = rng.random(size), rng.random(size)
    for_icans = np.where(rng.random(size) < TOGETHER, for_crs, alone)
    crs = for_crs < expit(true_log_odds("severe_crs", patients))
    icans = for_icans < expit(true_log_odds("severe_icans", patients))
    return crs, icans


def _failure(
    patients: Columns, response_day: Values, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], Values]:
    """Draw no response, relapse or progression by inverting the closed form of its incidence."""
    drawn = rng.random(len(patients))
    share = drawn / (1 - drawn) / np.exp(true_log_odds("relapse", patients))
    fails = share < relapse_odds_share(NEVER)
    no_response = share < NO_RESPONSE_ODDS
    relapses = fails & ~no_response
    point = relapse_point(np.where(relapses, share, NO_RESPONSE_ODDS))
    # Some would relapse only after a century: beyond the limit of a day nothing is ever seen.
    day = np.minimum(whole_day(point), 20000.0)
    return fails, np.where(no_response, response_day, day)


def _censoring(size: int, rng: np.random.Generator) -> Values:
    """Draw the end of follow-up: entry spread evenly over the years, and loss at a constant rate."""
    administrative = rng.uniform(0, ENTRY_YEARS * 365.25, size)
    lost = rng.exponential(LOSS_MEAN_DAYS, size)
    return np.asarray(FIRST_LOSS_DAY + np.floor(np.minimum(administrative, lost)))


def _grade(
    severe: NDArray[np.bool_],
    *,
    lethal: NDArray[np.bool_],
    rng: np.random.Generator,
    mild: tuple[float, ...],
) -> Values:
    """Draw the worst grade: 0 to 2 in these shares, or 3 and 4, or 5 where it killed."""
    not_severe = pick(np.tile(mild, (len(severe), 1)), rng)
    return np.select([lethal, severe], [5.0, 3.0 + yes(np.full(len(severe), 0.35), rng)], not_severe)


def _blood_counts(
    patients: Columns, severe_crs: NDArray[np.bool_], rng: np.random.Generator
) -> dict[str, Values]:
    """Draw cytopenia, longer where platelets were low and after severe CRS, and IEC-HS, mostly after it."""
    size = len(patients)
    crs = severe_crs.astype(float)
    severe = rng.random(size) < expit(severe_icaht_log_odds(patients, crs))
    mild = pick(np.tile([0.1, 0.5, 0.4], (size, 1)), rng)
    icaht = np.where(severe, 3.0 + yes(np.full(size, 0.3), rng), mild)
    return {"icaht_grade": icaht, "iec_hs": yes(expit(iec_hs_log_odds(crs)), rng)}


def _onset(crs_grade: Values, rng: np.random.Generator) -> Values:
    """Draw the day of onset: earlier where CRS became severe."""
    day = np.minimum(rng.poisson(np.where(crs_grade >= 3, 2.5, 4.5)), 14).astype(float)
    return np.where(crs_grade > 0, day, np.nan)


def _transplant(
    patients: Columns, response_day: Values, event_day: Values, rng: np.random.Generator
) -> Values:
    """Draw alloHSCT in remission, from what is known before the infusion only."""
    burden = patients["marrow_blasts_pct"] >= 5
    chance = expit(
        -0.5 + 0.4 * burden - 0.9 * patients["prior_allo_hsct"] - 0.03 * (patients["age_years"] - 35)
    )
    day = response_day + 15 + whole_day(rng.gamma(3.0, 20.0, len(patients)))
    return np.where((rng.random(len(patients)) < chance) & (day < event_day), day, NEVER)


def _response(option: str) -> float:
    return float(specs(FollowUp)["response_day28"].options.index(option))
