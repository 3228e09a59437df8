"""The name of a product that is not listed."""

from __future__ import annotations

import re

import pytest

from features.checking.check_table import check_table
from features.checking.parse_cell import CellError, parse_cell
from features.files.raw_table import RawTable
from features.problem_codes import Code
from features.problems import DataError
from features.product_names import MOST_CHARACTERS, NAME_PATTERN, NAMED_OPTIONS, listed_product
from features.products import PRODUCTS
from features.rules import Contradiction, patient_contradictions
from features.schema import all_fields
from serving.answers.product_rates import NOT_LISTED

FIELDS = all_fields()


def named(product: str | None, name: str) -> list[Contradiction]:
    row = {"product": product, "product_name": name}
    return patient_contradictions(row, dose=FIELDS["dose_1e6_per_kg"], dose_needed=False)


@pytest.mark.parametrize("product", ["other", "academic"])
@pytest.mark.parametrize("name", ["CART22-65s", "SCRI-CAR19v2", "Seattle cells", "A", "19-28z"])
def test_a_product_that_is_not_listed_may_have_a_name(product: str, name: str) -> None:
    """Letters, digits, spaces and hyphens."""
    assert named(product, name) == []


@pytest.mark.parametrize("product", [None, *PRODUCTS])
def test_only_other_and_academic_products_have_names(product: str | None) -> None:
    """A listed product has its name, and a name is no reason to guess which product it was."""
    (found,) = named(product, "CART22-65s")
    assert found.code == Code.NAME_WITHOUT_OTHER_PRODUCT
    assert found.columns == ("product_name", "product")
    assert found.text == "must be blank unless product is other or academic"


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("kymriah", "tisagenlecleucel"),
        ("tisa-cel", "tisagenlecleucel"),
        ("Tecartus", "brexucabtagene"),
        ("BREXU CEL", "brexucabtagene"),
        ("brexucabtagene autoleucel", "brexucabtagene"),
        ("aucatzyl", "obecabtagene"),
        ("obe-cel", "obecabtagene"),
        ("varnimcabtagene", "ari_0001"),
        ("ARI-0001", "ari_0001"),
    ],
)
def test_the_name_of_a_listed_product_names_its_option(name: str, product: str) -> None:
    """Whatever the spelling; as the product itself it is answered with the option too."""
    assert listed_product(name) == product
    (found,) = named("other", name)
    assert found.code == Code.NAME_OF_LISTED_PRODUCT
    assert found.text == f"must not name a listed product; the product is {product}"
    assert found.advice.text == f"write {product} as product, and blank product_name"
    with pytest.raises(CellError) as refused:
        parse_cell(FIELDS["product"], name)
    assert refused.value.advice
    assert product in refused.value.advice.text


@pytest.mark.parametrize(
    "name", ["12.05.1990", "1990-05-12", "a, b", "<b>", "x@y.org", "-A", " ", "a\nb", "7"]
)
def test_a_name_has_no_other_signs(name: str) -> None:
    """Dates, addresses and markup are refused, without repeating them."""
    (found,) = named("other", name)
    assert (found.code, found.columns) == (Code.NAME_CHARACTERS, ("product_name",))
    assert found.text == "must be letters, digits, spaces and hyphens, with at least one letter"
    assert name not in found.advice.text or name == " " or name == "7"


def test_a_long_name_is_refused() -> None:
    """More than 40 characters are a remark."""
    assert parse_cell(FIELDS["product_name"], "x" * MOST_CHARACTERS)
    with pytest.raises(CellError, match="must be text of 1 to 40 characters"):
        parse_cell(FIELDS["product_name"], "x" * (MOST_CHARACTERS + 1))


def test_every_option_that_is_not_listed_may_be_named() -> None:
    """And no listed name fits the pattern by accident only: all of them are recognized."""
    assert set(NAMED_OPTIONS) == set(NOT_LISTED)
    names = [name for product in PRODUCTS.values() for name in product.other_names]
    assert all(re.fullmatch(NAME_PATTERN, name) and listed_product(name) for name in names)


def table(*cells: tuple[str, str, str]) -> RawTable:
    heading = ("patient_id", "product", "product_name")
    return RawTable("c.csv", "00", heading, cells, tuple(range(2, len(cells) + 2)))


def test_a_cohort_keeps_the_names_of_its_products() -> None:
    """Blank where there is none."""
    cohort = check_table(table(("a", "other", "CART22"), ("b", "tisagenlecleucel", "")))
    assert cohort.product_name.tolist() == ["CART22", ""]


def test_a_cohort_with_a_listed_name_is_refused_by_row_and_column() -> None:
    """With the option to write."""
    with pytest.raises(DataError) as refused:
        check_table(table(("a", "other", "Kymriah")))
    assert str(refused.value) == (
        "c.csv: 1 problem\n  product_name must not name a listed product; the product is tisagenlecleucel, "
        "got product_name Kymriah, product other (row 2): "
        "write tisagenlecleucel as product, and blank product_name"
    )
