"""A site's words for a choice are matched with the options of the schema."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from features.field import FieldSpec
from features.product_names import LISTED_NAMES

MEANINGS: Mapping[tuple[str, str], str] = {
    ("sex", "female"): "f w woman weiblich ж жен женский",
    ("sex", "male"): "m man männlich м муж мужской",
    ("diagnosis", "b_all"): "ball all bcpall precursorball влл вволл",
    ("diagnosis", "b_lbl"): "blbl lbl",
    ("prior_blinatumomab", "none"): "no never notgiven nein нет",
    ("prior_blinatumomab", "responder"): "worked response responded cr ответ",
    ("prior_blinatumomab", "nonresponder"): "failed failure noresponse refractory nr нетответа",
    ("prior_blinatumomab", "response_unknown"): "given unknownresponse",
    ("cns_status", "cns1"): "1 zns1 цнс1 negative",
    ("cns_status", "cns2"): "2 zns2 цнс2",
    ("cns_status", "cns3"): "3 zns3 цнс3",
    ("target_antigen", "cd19"): "19",
    ("target_antigen", "cd22"): "22",
    ("target_antigen", "cd19_cd22"): "both dual bispecific tandem cd1922 1922",
    ("costimulatory_domain", "4_1bb"): "41bb cd137 bb",
    ("costimulatory_domain", "cd28"): "28",
    ("product", "academic"): "own inhouse local pointofcare poc eigenherstellung собственный",
    ("inotuzumab_response", "responder"): "worked response responded cr ответ",
    ("inotuzumab_response", "nonresponder"): "failed failure noresponse refractory nr нетответа",
    ("cell_source", "autologous"): "auto autolog ауто аутологичные",
    ("cell_source", "allogeneic"): "allo allogen donor алло донорские",
    ("crs_grading_system", "astct_2019"): "astct asbmt",
    ("crs_grading_system", "lee_2014"): "lee",
    ("crs_grading_system", "ctcae_5"): "ctcae ctcaev5",
    ("response_day28", "cr"): "completeremission completeresponse пр",
    ("response_day28", "cri"): "crh crp пркн прн",
    ("response_day28", "no_response"): "nr none sd pd refractory progression нет нетответа",
    ("response_day28", "not_assessed"): "notdone notevaluated notevaluable nichtbeurteilt неоценен",
}
"""What sites write for an option, without signs; names of products are in `features.products`."""

ALIKE = 0.85


def option_of(spec: FieldSpec, word: str) -> str | None:
    """Find the option that a site's word means.

    Parameters
    ----------
    spec : FieldSpec
        A choice.
    word : str
        As in the site's table.

    Returns
    -------
    option : str or None
        None where no option or more than one is similar.

    Examples
    --------
    >>> from features.schema import all_fields
    >>> [option_of(all_fields()["sex"], word) for word in ("F", "мужской", "1")]
    ['female', 'male', None]
    >>> option_of(all_fields()["costimulatory_domain"], "4-1BB")
    '4_1bb'
    """
    plain = _plain(word)
    known = _known(spec)
    if not plain:
        return None
    if plain in known:
        return known[plain]
    near = difflib.get_close_matches(plain, known, n=1, cutoff=ALIKE) if len(plain) > 4 else []
    return known[near[0]] if near and _denies(plain) == _denies(near[0]) else None


def _known(spec: FieldSpec) -> dict[str, str]:
    meant = {
        alias: option for option in spec.options for alias in MEANINGS.get((spec.name, option), "").split()
    }
    listed = LISTED_NAMES.items() if spec.name == "product" else ()
    names = {_plain(name): option for name, option in listed}
    return {**meant, **names, **{_plain(option): option for option in spec.options}}


def _denies(plain: str) -> bool:
    """Say whether a word begins as not refractory does, which is nearly the same as refractory."""
    return plain.startswith(("no", "un", "kein", "nicht", "ohne", "не", "без"))


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.lower())
