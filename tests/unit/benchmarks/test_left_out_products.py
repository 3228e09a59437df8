"""What the evidence says of a product without its own rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.products import PRODUCTS
from tests.benchmarks.left_out_products import (
    DONOR_DERIVED,
    Stated,
    largest_cohort,
    left_out,
    main,
    of_product,
    with_own_rows,
)
from tests.known_risk import evidence


def test_own_rows_are_those_of_the_product_or_of_the_cohort() -> None:
    """A listed product by its option, another by its cohort; nothing else is left out."""
    rows = evidence().base_rates
    own = [row for row in rows if of_product("obecabtagene")(row)]
    assert {row.product for row in own} == {"obecabtagene"}
    assert {row.id for row in rows if of_product(DONOR_DERIVED)(row)} >= {"B16", "B49"}


def test_the_largest_cohort_is_graded_as_the_outcome_is() -> None:
    """US tisagenlecleucel by registry, not a larger one by another scale; none where no rate is published."""
    found = largest_cohort("tisagenlecleucel", "severe_crs", evidence())
    assert found is not None
    assert (found.row.id, found.n) == ("B18", 494)
    assert largest_cohort(DONOR_DERIVED, "relapse", evidence()) is None
    assert left_out(DONOR_DERIVED, "relapse", evidence(), n_replicates=2) is None


def test_factor_and_containment_by_hand() -> None:
    """10 to 50 %: odds of 1/9 and 1."""
    cohort = largest_cohort("obecabtagene", "severe_crs", evidence())
    assert cohort is not None
    found = Stated(
        cohort, mean=0.2, low=0.1, high=0.5, log_odds=-2.0, parts={"base rate": 0.5, "product": 0.5}
    )
    assert found.factor == pytest.approx(9.0)
    assert found.distance == pytest.approx(np.log(cohort.rate / (1 - cohort.rate)) + 2.0)
    assert not found.contains
    assert replace(found, low=0.01).contains


def test_without_its_rows_a_product_is_less_certain_and_farther_from_its_rate() -> None:
    """Severe CRS of obecabtagene."""
    left, kept = (
        each("obecabtagene", "severe_crs", evidence(), n_replicates=40) for each in (left_out, with_own_rows)
    )
    assert left is not None
    assert kept is not None
    assert left.factor > 1.5 * kept.factor
    assert left.mean > 1.5 * kept.mean > 1.5 * kept.cohort.rate


def test_two_lines_a_product_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """With the published rate, the verdict and the parts of the variance."""
    main(["--outcomes", "severe_crs", "--replicates", "4"])
    *lines, last = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * (len(PRODUCTS) + 1)
    assert all("published" in line and "factor" in line for line in lines[::2])
    assert all("split dose" in line and "distance" in line for line in lines[1::2])
    assert last.startswith("root mean square")
