"""The texts of the pages: each language says the same things, about the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from features.field import specs
from features.outcomes import OUTCOMES
from features.schema import Patient
from serving.answers.assessment import Ground, Verdict
from serving.answers.card import LIMITATIONS
from serving.answers.intended_use import outside_intended_use
from serving.answers.product_rates import listed_products, published_rates
from serving.answers.states import families
from serving.http.assets import assets
from serving.http.form import GROUPS

PROJECT = Path(__file__).parents[4]
Said = dict[str, tuple[str, ...]]
"""Texts by dotted key; the plural forms of one text together."""

PLURALS = {"one", "two", "few", "many", "other"}
ENGLISH_OF_THE_SERVICE = ("server.", "model.limitations.", "model.competing.", "profile.", "refusals.")
"""What the service says in English itself, so that English need not say it again."""
WITHOUT_WORDS = ("units.lines",)
"""A unit that its field's name says already."""
NAMES_OF_THE_SERVICE = ("fields.", "options.", "units.", "outcomes.")
"""So with names: titles of fields, codes of options, units, titles of outcomes."""


def texts(language: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(assets()[f"/assets/{language}.json"].content)
    return loaded


def entries(part: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Texts by dotted key; the plural forms of one text together."""
    for name, value in part.items():
        key = f"{path}{name}"
        if isinstance(value, str):
            yield key, (value,)
        elif _is_count(value):
            yield key, tuple(value.values())
        else:
            yield from entries(value, f"{key}.")


@pytest.fixture
def english() -> Said:
    """Read all that is said in English."""
    return dict(entries(texts("en")))


@pytest.fixture
def russian() -> Said:
    """Read all that is said in Russian."""
    return dict(entries(texts("ru")))


def places(forms: tuple[str, ...]) -> set[str]:
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


def test_whatever_english_says_russian_says(english: Said, russian: Said) -> None:
    """No key is left to show itself."""
    assert sorted(set(english) - set(russian)) == []


def test_russian_alone_says_only_what_the_service_says_in_english(english: Said, russian: Said) -> None:
    """The service's own words stand in for the missing ones."""
    alone = set(russian) - set(english)
    extra = [key for key in alone if not key.startswith(ENGLISH_OF_THE_SERVICE + NAMES_OF_THE_SERVICE)]
    assert sorted(extra) == []


def test_both_speak_of_the_same_values(english: Said, russian: Said) -> None:
    """A place that one language lacks would swallow a number."""
    assert [key for key in english if key in russian and places(english[key]) != places(russian[key])] == []


def test_a_count_has_the_forms_of_its_language() -> None:
    """English two, Russian four; `other` is there for fractions."""
    for language, forms in (("en", {"one", "other"}), ("ru", {"one", "few", "many", "other"})):
        for key, found in counts(texts(language)):
            assert found == forms, f"{language}: {key}"


def counts(part: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Keys of texts with plural forms, and which forms they have."""
    for name, value in part.items():
        if isinstance(value, dict):
            if _is_count(value):
                yield f"{path}{name}", set(value)
            else:
                yield from counts(value, f"{path}{name}.")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_text_is_empty_or_markup(language: str) -> None:
    """Texts are put into the page as text; what looks like markup would be read as it is."""
    for key, forms in entries(texts(language)):
        for form in forms:
            assert not re.search(r"<[a-z/!]", form), key
            assert form == form.strip(), key
            assert form or key in WITHOUT_WORDS, key


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_file_is_written_alike(language: str) -> None:
    """Readable by people, one text a line, so that a change of one is a change of a line."""
    content = assets()[f"/assets/{language}.json"].content.decode()
    assert content == json.dumps(texts(language), ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_group_and_outcome_has_a_name(language: str) -> None:
    """Those of the schema and of the outcomes, none more."""
    found = texts(language)
    assert set(found["groups"]) == set(GROUPS)
    assert set(found["outcomes"]) == set(OUTCOMES)


def test_russian_names_every_field_and_option() -> None:
    """The schema's own titles are English."""
    found = texts("ru")
    assert set(found["fields"]) >= {*Patient.model_fields, "product_name"}
    for name, spec in specs(Patient).items():
        assert set(spec.options) <= set(found["options"].get(name, {})), name


def test_russian_says_what_every_outcome_is() -> None:
    """Definition, competing event and patients in whom it can come: the outcomes' own words are English."""
    found = texts("ru")
    assert {name: bool(part["definition"]) for name, part in found["server"]["outcomes"].items()} == (
        dict.fromkeys(OUTCOMES, True)
    )
    assert set(found["model"]["competing"]) == {name for name, each in OUTCOMES.items() if each.competing}
    assert set(found["server"]["among"]) == {name for name, each in OUTCOMES.items() if each.given}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_state_has_a_name(language: str) -> None:
    """Of outcomes that exclude one another, and of a patient with neither of them."""
    found = texts(language)
    members = {name for family in families(OUTCOMES) for name in family}
    assert {name for name, words in found["outcomes"].items() if "state" in words} == members
    neither = {each.given.neither for each in OUTCOMES.values() if each.given and each.given.neither}
    assert set(found["states"]["neither"]) == neither
    for words in found["states"]["neither"].values():
        assert set(words) == {"state", "full"}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_verdict_has_words(language: str) -> None:
    """And so has every ground; none more."""
    found = texts(language)["model"]["verdicts"]
    assert set(found["words"]) == set(Verdict)
    assert set(found["grounds"]) == set(Ground)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_horizon_has_a_name(language: str) -> None:
    """Those of the outcomes; any other day is named by its number."""
    horizons = {str(days) for outcome in OUTCOMES.values() for days in outcome.horizons_days}
    assert horizons <= set(texts(language)["horizons"])


@pytest.mark.parametrize("outcome", [name for name, each in OUTCOMES.items() if each.main])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_both_sides_of_a_main_outcome_are_named(language: str, outcome: str) -> None:
    """Where it is not shown with the states of its family."""
    assert places((texts(language)["outcomes"][outcome]["sides"],)) == {"n", "m", "by"}


def test_russian_describes_every_rate_that_is_published_by_product() -> None:
    """Study, patients and definition; no row is described that is not shown."""
    found = texts("ru")["server"]["rates"]
    shown = [rate for name in listed_products() for of in OUTCOMES for rate in published_rates(name, of)]
    assert set(found) == {rate.id for rate in shown}
    for rate in shown:
        assert set(found[rate.id]) == {"cohort", "population", "definition"}
        assert rate.among in texts("ru")["product_rates"]["of"]


def test_russian_says_what_every_value_is_intended_to_be() -> None:
    """Options by name, limits in words."""
    beyond = {"age_years": 0.0, "diagnosis": "b_lbl", "target_antigen": "cd22"}
    warnings = outside_intended_use(beyond)
    assert {warning.field for warning in warnings} == set(beyond)
    for warning in warnings:
        assert "intended" in warning.details or warning.field in texts("ru")["server"]["intended"]


def test_russian_says_every_limitation() -> None:
    """As many as the card has."""
    assert len(texts("ru")["model"]["limitations"]) == len(LIMITATIONS)


def test_every_text_that_a_script_names_is_there(english: Said) -> None:
    """Keys written out in scripts and pages; others show in a browser."""
    pages = [file.read_text() for file in (PROJECT / "serving/pages").glob("*.html")]
    scripts = [asset.content.decode() for path, asset in assets().items() if path.endswith(".js")]
    named = {key for page in pages for key in re.findall(r'data-(?:text|label)="([\w.]+)"', page)}
    named |= {key for code in scripts for key in re.findall(r'texts\.(?:say|count)\("([\w.]+)"', code)}
    said = {key for key in named if not key.startswith("server.")}
    assert sorted(said - set(english)) == []


def _is_count(part: Mapping[str, Any]) -> bool:
    return "other" in part and set(part) <= PLURALS


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_definition_is_in_the_words_of_the_page(language: str) -> None:
    """A note of the schema names columns of files; only those on the conversion of units are not shown."""
    told = texts(language)["notes"]
    noted = {name for name, spec in specs(Patient).items() if spec.notes}
    converted = {name for name, spec in specs(Patient).items() if spec.other_units}
    assert noted - converted <= set(told) <= {*noted, "product_name"}
    assert not any("_" in words for words in told.values())
