"""A blank field that the product's label states is known where every model takes the label in its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from features.products import BY_LABEL
from serving.answers.product_label import fields_by_label, label_values
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from serving.model.risk_model import RiskModel
from tests.bundles import PATIENT, linear_part, replicates_of

OBE_CEL = {**PATIENT, "product": "obecabtagene", "dose_1e6_per_kg": 5.9}


def model_of(bundle: Bundle, *terms: str) -> RiskModel:
    """Make a model of some terms, without trees."""
    model, linear = bundle.models["severe_crs"], linear_part(dict.fromkeys(terms, 0.5))
    return replace(model, linear=linear, replicates=replicates_of(model, linear), without_sources=())


def test_a_label_states_what_is_blank_only() -> None:
    """What the request has is not repeated."""
    assert label_values(OBE_CEL) == {"costimulatory_domain": "4_1bb", "split_dose": True}
    assert label_values(OBE_CEL | {"split_dose": False}) == {"costimulatory_domain": "4_1bb"}


@pytest.mark.parametrize("product", ["academic", "other", None])
def test_a_product_that_is_not_listed_has_no_label(product: str | None) -> None:
    """Whatever is blank is unknown."""
    assert label_values({"product": product}) == {}


def test_models_that_read_the_product_take_its_label(bundle: Bundle) -> None:
    """The construct and the schedule of today's terms; fields that no term reads are known all the same."""
    assert fields_by_label([model_of(bundle, "split_dose", "cd28_construct")]) == BY_LABEL


@pytest.mark.parametrize(
    ("term", "field"), [("cd28", "costimulatory_domain"), ("dual_target", "target_antigen")]
)
def test_a_term_that_does_not_read_the_product_leaves_the_field_unknown(
    bundle: Bundle, term: str, field: str
) -> None:
    """Such as that of a model of an earlier version."""
    models = [model_of(bundle, "split_dose"), model_of(bundle, term)]
    assert fields_by_label(models) == tuple(name for name in BY_LABEL if name != field)


def test_a_tree_that_splits_on_the_field_leaves_it_unknown(bundle: Bundle) -> None:
    """Trees see a blank as missing."""
    trees = bundle.models["relapse"].trees
    assert trees is not None
    column = next(each for each in trees.columns if each.field == "split_dose")
    vars(trees)["split_columns"] = [*trees.split_columns, column]
    model = replace(model_of(bundle, "split_dose"), trees=trees)
    assert fields_by_label([model]) == ("target_antigen", "costimulatory_domain")


def test_an_answer_states_the_label_beside_what_is_missing(bundle: Bundle) -> None:
    """Missing fields stay those that the request leaves blank."""
    only = replace(bundle, models={"severe_crs": model_of(bundle, "split_dose", "cd28_construct")})
    known, unknown = Scorer(only).answers([OBE_CEL, PATIENT])
    assert known.label_values == {"costimulatory_domain": "4_1bb", "split_dose": True}
    assert unknown.label_values == {}
    assert known.missing == [name for name in unknown.missing if name != "product"]
    row = next(row for row in known.outcomes[0].contributions if row.field == "split_dose")
    assert row.value is None


def test_an_option_states_the_label_of_its_product(bundle: Bundle) -> None:
    """A schedule that becomes blank is that of the label."""
    only = replace(bundle, models={"severe_crs": model_of(bundle, "split_dose")})
    patient = OBE_CEL | {"split_dose": True, "dose_total_1e6": 410.0, "weight_kg": 70.0}
    (option,) = Scorer(only).options(patient, [{"product": "brexucabtagene"}]).answer.options
    assert option.label_values == {"costimulatory_domain": "cd28", "split_dose": False}
