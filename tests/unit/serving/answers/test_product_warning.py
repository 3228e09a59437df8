"""The warning that a model does not know a listed product, and the rates published for the product."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xgboost

from features.columns import Values
from features.field import specs
from features.outcomes import OUTCOMES
from features.schema import Patient
from serving.answers.product_rates import (
    ALL_INFUSED,
    NOT_LISTED,
    RATES_FILE,
    listed_products,
    published_rates,
)
from serving.answers.product_warning import product_caution
from serving.answers.schema import Caution
from serving.model.bundle import Bundle
from serving.model.trees import TREE_COLUMNS, TreePart
from tests.bundles import PATIENT, linear_part, make_bundle

OPTIONS = specs(Patient)["product"].options


def warned(bundle: Bundle, product: str | None) -> list[Caution]:
    return product_caution(bundle, PATIENT | {"product": product})


def known_product(bundle: Bundle, product: str, *outcomes: str) -> Bundle:
    """Give the models of outcomes a tree that splits on a product."""
    place = [column.name for column in TREE_COLUMNS].index(f"product.{product}")
    rng = np.random.default_rng(5)
    matrix: Values = np.zeros((200, len(TREE_COLUMNS)))
    matrix[:, place] = rng.random(200) < 0.5
    train = xgboost.DMatrix(matrix, label=matrix[:, place], nthread=1)
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 1, "nthread": 1}, train, 1)
    trees = TreePart(bytes(booster.save_raw("ubj")), np.zeros(len(TREE_COLUMNS)))
    models = {name: replace(bundle.models[name], trees=trees) for name in outcomes}
    return replace(bundle, models={**bundle.models, **models})


def evidence_file(tmp_path: Path, **cells: str) -> Path:
    """Write an evidence file with one more row of obecabtagene."""
    with RATES_FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    row = dict.fromkeys(rows[0], "") | {"id": "X1", "outcome": "severe_crs", "product": "obecabtagene"}
    row |= {"use": "context", "rate": "0.05", "among": ALL_INFUSED} | cells
    with (tmp_path / "rates.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows, row])
    return tmp_path / "rates.csv"


@pytest.mark.parametrize("product", listed_products())
def test_every_listed_product_has_a_warning_with_its_rates(bundle: Bundle, product: str) -> None:
    """In the message and as data: rate, patients, horizon, source; of each outcome that is answered."""
    (caution,) = warned(bundle, product)
    assert (caution.code, caution.field) == ("product_not_in_model", "product")
    assert caution.details["product"] == product
    assert caution.details["unaware"] == list(bundle.models)
    rates = caution.details["rates"]
    assert rates == [rate for name in bundle.models for rate in published_rates(product, name)]
    for rate in (rate for name in bundle.models for rate in published_rates(product, name)):
        share = "0" if rate.events == 0 else f"{100 * rate.rate:.3g} %"
        assert f"{share} of {rate.n}" in caution.message
        assert f"by day {rate.horizon_days} ({rate.cohort}; {rate.source})" in caution.message


@pytest.mark.parametrize("product", [*NOT_LISTED, None])
def test_other_products_have_no_such_warning(bundle: Bundle, product: str | None) -> None:
    """Academic ones, unnamed ones, and those that are not given."""
    assert warned(bundle, product) == []


def test_an_option_is_listed_unless_it_is_named_otherwise() -> None:
    """A product that the schema gains later is warned of, with or without published rates."""
    assert set(listed_products()) | set(NOT_LISTED) == set(OPTIONS)
    assert set(NOT_LISTED) < set(OPTIONS)


@pytest.mark.parametrize("outcome", [name for name, outcome in OUTCOMES.items() if outcome.main])
@pytest.mark.parametrize("product", listed_products())
def test_every_main_outcome_of_every_product_has_a_published_rate(product: str, outcome: str) -> None:
    """Of severe CRS, severe ICANS and relapse; with the number of patients and the horizon."""
    rates = published_rates(product, outcome)
    assert rates
    for rate in rates:
        assert rate.n
        assert rate.horizon_days


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("product", listed_products())
def test_every_published_rate_is_described(product: str, outcome: str) -> None:
    """With definition, population and source: nothing to guess. Some outcomes have no rate."""
    for rate in published_rates(product, outcome):
        assert 0 <= rate.rate < 1
        assert (rate.rate == 0) == (rate.events == 0)
        assert all((rate.definition, rate.population, rate.cohort, rate.source, rate.among))
        if rate.events is not None and rate.n is not None:
            assert rate.events / rate.n == pytest.approx(rate.rate, abs=0.005)


@pytest.mark.parametrize(
    ("product", "outcome", "first"),
    [
        ("tisagenlecleucel", "severe_crs", (0.172, 36, 209, "CIBMTR tisagenlecleucel, 18 or older")),
        ("brexucabtagene", "severe_crs", (0.098, None, 292, "brexucabtagene, real world")),
        ("obecabtagene", "severe_crs", (0.024, None, 127, "FELIX")),
        ("brexucabtagene", "severe_icans", (0.288, None, 292, "brexucabtagene, real world")),
        ("obecabtagene", "severe_icans", (0.071, None, 127, "FELIX")),
    ],
)
def test_the_rate_shown_first_is_that_of_the_largest_direct_study(
    product: str, outcome: str, first: tuple[float, int | None, int, str]
) -> None:
    """As printed in the papers."""
    rate = published_rates(product, outcome)[0]
    assert (rate.rate, rate.events, rate.n, rate.cohort) == first
    assert not rate.upper_bound


def test_a_rate_without_events_is_stated_as_its_count(bundle: Bundle) -> None:
    """Not as the half event of 21 that the prior is made of."""
    (none,) = [rate for rate in published_rates("obecabtagene", "severe_crs") if rate.cohort == "ALLCAR19"]
    assert (none.events, none.n, none.rate) == (0, 20, 0.0)
    (other,) = [rate for rate in published_rates("ari_0001", "death_without_relapse") if rate.id == "B71"]
    assert (other.events, other.n, other.rate) == (0, 23, 0.0)
    (caution,) = warned(bundle, "obecabtagene")
    assert "0 of 20 by day 30 (ALLCAR19; 10.1200/JCO.21.00917)" in caution.message
    assert "2.4 % of 20" not in caution.message


def test_the_published_order_of_severe_crs_is_kept() -> None:
    """Obecabtagene has the lowest rate, tisagenlecleucel the highest: what the model cannot know."""
    rates = {product: published_rates(product, "severe_crs")[0].rate for product in listed_products()}
    assert sorted(rates, key=rates.__getitem__) == [
        "obecabtagene",
        "ari_0001",
        "brexucabtagene",
        "tisagenlecleucel",
    ]


def test_rates_that_count_more_than_the_outcome_are_upper_bounds_and_come_last(bundle: Bundle) -> None:
    """Event-free survival counts deaths too; said so."""
    rates = published_rates("tisagenlecleucel", "relapse")
    kinds = [rate.upper_bound for rate in rates]
    assert kinds == sorted(kinds)
    assert any(kinds)
    assert not all(kinds)
    (caution,) = warned(bundle, "obecabtagene")
    assert "at most 56 % of 127 by day 365" in caution.message
    (other,) = warned(bundle, "brexucabtagene")
    assert "at most 52 % of 151 complete responders" in other.message


def test_an_outcome_without_a_published_rate_says_so(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence would look like nothing to compare with."""
    kept = published_rates
    monkeypatch.setattr(
        "serving.answers.product_warning.published_rates",
        lambda product, outcome: [] if outcome == "relapse" else kept(product, outcome),
    )
    (caution,) = warned(bundle, "obecabtagene")
    assert caution.message.endswith("no response, relapse or progression no published rate.")
    assert caution.details["without_rate"] == ["relapse"]


def test_a_new_row_is_shown_without_a_change_of_code(tmp_path: Path) -> None:
    """Also one of which neither patients nor horizon are published."""
    known = published_rates("obecabtagene", "severe_crs")
    *before, added = published_rates("obecabtagene", "severe_crs", evidence_file(tmp_path, n="400"))
    assert before == known
    assert (added.id, added.n, added.horizon_days, added.events) == ("X1", 400, None, None)


def test_an_outcome_whose_model_knows_the_product_is_not_named(bundle: Bundle) -> None:
    """Trees that split on the product's own column know it; where all do, nothing is said."""
    half = known_product(bundle, "obecabtagene", "relapse")
    (caution,) = warned(half, "obecabtagene")
    assert caution.details["unaware"] == ["severe_crs"]
    assert caution.message.startswith("The model of severe CRS (grade 3 or higher) does not use the product")
    assert warned(known_product(bundle, "obecabtagene", *bundle.models), "obecabtagene") == []


def test_a_model_that_knows_another_product_does_not_know_this_one(bundle: Bundle) -> None:
    """A split on tisagenlecleucel says nothing of obecabtagene."""
    known = known_product(bundle, "tisagenlecleucel", *bundle.models)
    assert warned(known, "tisagenlecleucel") == []
    (caution,) = warned(known, "obecabtagene")
    assert caution.details["unaware"] == list(bundle.models)


def test_rates_are_stated_for_the_outcomes_that_are_answered() -> None:
    """An outcome that is left out has no risk to stand beside."""
    (caution,) = warned(make_bundle(), "obecabtagene")
    assert "ICANS" not in caution.message


def test_a_term_of_the_product_knows_it(bundle: Bundle) -> None:
    """That product and no other."""
    linear = linear_part({"product_obecabtagene": 0.5})
    models = {"severe_crs": replace(bundle.models["severe_crs"], linear=linear)}
    knows = replace(bundle, models=models)
    assert warned(knows, "obecabtagene") == []
    assert len(warned(knows, "brexucabtagene")) == 1
