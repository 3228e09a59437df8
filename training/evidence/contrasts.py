"""What a published effect compares, in units of the model's term: the one place where contrasts are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.nearest_name import nearest
from features.problems import Refused
from features.products import PRODUCTS
from features.terms import OWN_PRODUCT, TERMS, product_term


@dataclass(frozen=True)
class Contrast:
    """What an effect is stated per.

    Attributes
    ----------
    per : str
        As evidence files write it.
    units : float
        Units of the term that lie between the two sides of the comparison.
    groups : bool
        Whether it compares two groups of patients whose shares the reference profile knows.
    """

    per: str
    units: float = 1.0
    groups: bool = False


YES_NO = Contrast("yes vs no", groups=True)
DOUBLING = Contrast("per doubling")
CD19_CD22 = "CD19/CD22 vs CD19"

CONTRASTS: Mapping[str, tuple[Contrast, ...]] = {
    "disease_burden": (YES_NO,),
    "extramedullary_disease": (YES_NO,),
    "cns3": (YES_NO,),
    "blinatumomab_nonresponse": (Contrast("nonresponder vs never", groups=True),),
    "blinatumomab_response": (Contrast("responder vs never", groups=True),),
    "inotuzumab": (YES_NO,),
    "inotuzumab_nonresponse": (Contrast("nonresponder vs responder", groups=True),),
    "refractory_to_last_line": (YES_NO,),
    "prior_allo_hsct": (YES_NO,),
    "early_relapse_after_hsct": (Contrast("within 6 months vs later", groups=True),),
    "prior_car_t": (YES_NO,),
    "prior_lines": (Contrast("per line"),),
    # Adults around 30 years against children around 10: the term counts decades.
    "age": (Contrast("per decade"), Contrast("18 or older vs younger", units=2.0)),
    "male": (Contrast("male vs female", groups=True),),
    "ecog": (Contrast("per grade"),),
    "neurologic_comorbidity": (YES_NO,),
    "b_lbl": (YES_NO,),
    "bridging": (YES_NO,),
    "dual_target": (Contrast(CD19_CD22, groups=True), Contrast("CD19 and CD22 vs CD19", groups=True)),
    "cd22_alone": (Contrast("CD22 vs CD19", groups=True),),
    "allogeneic": (YES_NO,),
    "cd28_construct": (Contrast("CD28 vs 4-1BB", groups=True),),
    "split_dose": (YES_NO,),
    **{product_term(name): (YES_NO,) for name in PRODUCTS},
    OWN_PRODUCT: (YES_NO,),
    "log2_relative_dose": (DOUBLING, Contrast("high vs low dose of a range", units=2.0)),
    "fludarabine": (YES_NO,),
    "tocilizumab_prophylaxis": (YES_NO,),
    "log2_easix": (DOUBLING,),
    "log2_ferritin": (DOUBLING,),
    "log2_crp": (DOUBLING,),
    "tp53_altered": (YES_NO,),
    "kmt2a_rearranged": (YES_NO,),
    "ph_positive": (YES_NO,),
}
"""Contrasts that are understood, by term; the first is one unit, and what a blank ``per`` means."""


def contrast_of(term: str, per: str) -> Contrast:
    """Find what a row's ``per`` means for its term.

    Parameters
    ----------
    term : str
        Name in `TERMS`.
    per : str
        As the row states it; blank for one unit of the term.

    Returns
    -------
    contrast : Contrast

    Raises
    ------
    Refused
        If the term has no such contrast.

    Examples
    --------
    >>> contrast_of("age", "18 or older vs younger").units
    2.0
    >>> contrast_of("age", "per year")
    Traceback (most recent call last):
        ...
    features.problems.Refused: per year is not a contrast of age: write per decade or 18 or older vs younger
    """
    known = CONTRASTS[term]
    contrast = known[0] if not per else next((each for each in known if each.per == per), None)
    if contrast is None:
        message = f"{per} is not a contrast of {term}: write {contrasts_in_words(term)}"
        raise Refused(message)
    return contrast


def contrasts_in_words(term: str) -> str:
    """List the contrasts of a term.

    Examples
    --------
    >>> contrasts_in_words("prior_lines")
    'per line'
    """
    return " or ".join(contrast.per for contrast in CONTRASTS[term])


def term_suggestion(name: str) -> str:
    """Suggest the term that was probably meant, or list them all.

    Examples
    --------
    >>> term_suggestion("disease_burdn")
    'did you mean disease_burden?'
    """
    near = nearest(name, TERMS)
    return f"did you mean {near}?" if near else f"terms are {', '.join(TERMS)}"
