"""A bundle is whole and unaltered, or it is refused by name."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.predictors import predictors
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.cohort_summary import NO_COHORT
from serving.model.read_bundle import read_bundle
from serving.model.release_file import write_release_file
from serving.model.write_bundle import write_bundle, write_provenance
from tests.bundles import full_summary, make_bundle, make_published_bundle, patients


def change(folder: Path, **stated: Any) -> None:
    """Overwrite facts of ``bundle.json`` and list the files again, as somebody does who means it."""
    file = folder / "bundle.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | stated))
    write_release_file(folder)


def message_of(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        read_bundle(folder)
    return str(caught.value)


def test_a_bundle_comes_back_as_it_went(bundle: Bundle, tmp_path: Path) -> None:
    """Same facts, and the same risks and intervals for patients it has never seen, to the last bit."""
    digest = write_bundle(bundle, tmp_path / "bundle")
    back = read_bundle(tmp_path / "bundle")
    rows = predictors(patients(20, np.random.default_rng(3)))
    assert (back.digest, back.version, back.left_out) == (digest, "7", bundle.left_out)
    assert (back.cohort, back.summaries) == (bundle.cohort, bundle.summaries)
    for name, model in bundle.models.items():
        np.testing.assert_array_equal(back.models[name].risk(rows), model.risk(rows))
        np.testing.assert_array_equal(back.models[name].interval(rows), model.interval(rows))


@pytest.mark.parametrize("spelling", ["center", "centre"])
def test_centers_of_earlier_bundles_are_read_by_number(bundle: Bundle, tmp_path: Path, spelling: str) -> None:
    """They were keyed by a label; everything else of the summary stays."""
    whole = replace(bundle, summaries={**bundle.summaries, "severe_crs": full_summary()})
    write_bundle(whole, tmp_path / "new")
    stated = json.loads((tmp_path / "new" / "bundle.json").read_text())
    summary = stated["outcomes"][0]["summary"]
    center = summary["by_center"].pop("1")
    summary["by_center"] = {f"{spelling} 1": center, f"{spelling} 12": center}
    summary["by_subgroup"]["center"] = {f"{spelling} 2": center}
    change(tmp_path / "new", outcomes=stated["outcomes"])
    read = read_bundle(tmp_path / "new").summaries["severe_crs"]
    assert list(read.by_center) == [1, 12]
    assert list(read.by_subgroup["center"]) == ["2"]
    assert read.by_subgroup["sex"] == full_summary().by_subgroup["sex"]


def test_everything_that_a_summary_may_hold_comes_back(bundle: Bundle, tmp_path: Path) -> None:
    """Paired gains, centres, sample size and instability, and the words about the evidence."""
    whole = replace(bundle, summaries={**bundle.summaries, "severe_crs": full_summary()})
    write_bundle(whole, tmp_path / "bundle")
    assert read_bundle(tmp_path / "bundle").summaries == whole.summaries


def test_a_bundle_without_a_sensitivity_analysis_is_read(bundle: Bundle, tmp_path: Path) -> None:
    """Earlier bundles have none; everything else of the summary stays."""
    whole = replace(bundle, summaries={**bundle.summaries, "severe_crs": full_summary()})
    write_bundle(whole, tmp_path / "bundle")
    outcomes = json.loads((tmp_path / "bundle" / "bundle.json").read_text())["outcomes"]
    for outcome in outcomes:
        del outcome["summary"]["imputation_sensitivity"]
    change(tmp_path / "bundle", outcomes=outcomes)
    read = read_bundle(tmp_path / "bundle").summaries
    assert read["severe_crs"] == replace(full_summary(), imputation_sensitivity=None)


def test_priors_and_draws_come_back(bundle_folder: Path, bundle: Bundle) -> None:
    """The prior and the spread of every term by name in the JSON; the draws beside the replicates."""
    back, made = read_bundle(bundle_folder).models["severe_crs"], bundle.models["severe_crs"]
    assert back.linear is not None
    assert made.linear is not None
    assert back.replicates is not None
    assert made.replicates is not None
    for name in ("spread", "prior_mean", "prior_spread"):
        np.testing.assert_array_equal(getattr(back.linear, name), getattr(made.linear, name))
    np.testing.assert_array_equal(back.replicates.missing, made.replicates.missing)
    stated = json.loads((bundle_folder / "bundle.json").read_text())["outcomes"][0]["linear"][0]
    assert (stated["term"], stated["spread"], stated["prior_mean"], stated["prior_spread"]) == (
        "high_burden",
        0.5,
        1.1,
        0.3,
    )


def test_a_bundle_without_a_cohort_comes_back(tmp_path: Path) -> None:
    """Published evidence only: no infusion, and the model says so."""
    bundle = make_published_bundle()
    write_bundle(bundle, tmp_path / "bundle")
    back = read_bundle(tmp_path / "bundle")
    assert (back.cohort, back.summaries) == (NO_COHORT, bundle.summaries)
    assert not back.cohort.trained


def test_the_same_model_has_the_same_digest(tmp_path: Path) -> None:
    """Provenance, with its times, is outside."""
    first = write_bundle(make_bundle(version="1"), tmp_path / "first")
    second = write_bundle(make_bundle(version="2"), tmp_path / "second")
    assert first == second
    write_provenance(tmp_path / "first", {"version": "3"})
    assert (read_bundle(tmp_path / "first").digest, read_bundle(tmp_path / "first").version) == (first, "3")


def test_no_file_of_a_bundle_is_a_pickle(bundle_folder: Path) -> None:
    """Nothing is executed on reading: JSON, XGBoost's ubj and arrays without objects."""
    names = sorted(file.name for file in bundle_folder.iterdir())
    assert names == [
        "bundle.json",
        "provenance.json",
        "relapse.replicates.npz",
        "relapse.trees.ubj",
        "release.json",
        "severe_crs.replicates.npz",
    ]
    assert not any(file.read_bytes().startswith(b"\x80") for file in bundle_folder.iterdir())


@pytest.mark.parametrize("name", ["relapse.trees.ubj", "relapse.replicates.npz", "severe_crs.replicates.npz"])
def test_a_missing_file_is_refused(bundle_folder: Path, name: str) -> None:
    """By its name."""
    (bundle_folder / name).unlink()
    assert message_of(bundle_folder) == f"{name} is missing from the bundle; restore it or train again"


@pytest.mark.parametrize("name", ["relapse.trees.ubj", "severe_crs.replicates.npz"])
def test_a_missing_file_that_is_not_listed_is_refused_too(bundle_folder: Path, name: str) -> None:
    """The models name their files themselves."""
    (bundle_folder / name).unlink()
    write_release_file(bundle_folder)
    assert message_of(bundle_folder) == f"{name} is missing from the bundle; restore it or train again"


@pytest.mark.parametrize("name", ["relapse.trees.ubj", "relapse.replicates.npz"])
def test_one_changed_byte_is_refused(bundle_folder: Path, name: str) -> None:
    """Before the file is given to any parser."""
    raw = bytearray((bundle_folder / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (bundle_folder / name).write_bytes(raw)
    assert message_of(bundle_folder) == (
        f"{name} is not the file the bundle was made with; restore it or train again"
    )


def test_a_changed_coefficient_is_refused(bundle_folder: Path) -> None:
    """The golden vectors tell."""
    outcomes = json.loads((bundle_folder / "bundle.json").read_text())["outcomes"]
    outcomes[0]["linear"][0]["coefficient"] += 1e-6
    change(bundle_folder, outcomes=outcomes)
    assert message_of(bundle_folder).startswith("golden vectors of severe_crs differ by ")


def test_a_changed_digest_is_refused(bundle_folder: Path) -> None:
    """The file beside it is not the one that is named."""
    outcomes = json.loads((bundle_folder / "bundle.json").read_text())["outcomes"]
    outcomes[1]["trees"]["sha256"] = "0" * 64
    change(bundle_folder, outcomes=outcomes)
    assert (
        message_of(bundle_folder)
        == "relapse.trees.ubj is not the file the bundle was made with; restore it or train again"
    )


@pytest.mark.parametrize(
    ("column", "facts", "why"),
    [
        ("ferritin_ug_l", {"unit": "mg/L"}, "ferritin_ug_l was in mg/L and is in ug/L"),
        ("ferritin_ug_l", {"kind": "choice"}, "ferritin_ug_l was a choice and is a number"),
        ("prior_blinatumomab", {"options": ["never"]}, "prior_blinatumomab no longer has the option never"),
        ("asthma", {"kind": "boolean", "unit": "", "options": []}, "asthma is no longer a column"),
    ],
)
def test_a_used_column_that_has_changed_is_refused(
    bundle_folder: Path, column: str, facts: dict[str, Any], why: str
) -> None:
    """The message names it."""
    columns = json.loads((bundle_folder / "bundle.json").read_text())["columns"]
    change(bundle_folder, columns={**columns, column: {**columns.get(column, {}), **facts}})
    assert message_of(bundle_folder) == f"the schema has changed since the bundle was made: {why}; retrain"


def test_columns_that_no_model_uses_are_not_named(bundle_folder: Path) -> None:
    """Nor the options that no model tells apart: they may change without a word."""
    columns = json.loads((bundle_folder / "bundle.json").read_text())["columns"]
    by_model = Scorer(read_bundle(bundle_folder)).uses.values()
    used = {name for uses in by_model for name, use in uses.items() if use != "unused"}
    assert set(columns) == used
    assert "mrd_pct" not in columns
    assert "responder" not in columns["prior_blinatumomab"]["options"]


def test_trees_on_a_column_that_is_gone_are_refused(bundle_folder: Path) -> None:
    """They cannot be computed."""
    outcomes = json.loads((bundle_folder / "bundle.json").read_text())["outcomes"]
    outcomes[1]["trees"]["mean_contributions"]["asthma"] = 0.0
    change(bundle_folder, outcomes=outcomes)
    expected = f"{bundle_folder} has trees on asthma, which the schema no longer has; train again"
    assert message_of(bundle_folder) == expected


def test_a_bundle_of_an_unknown_schema_that_names_no_columns_is_refused(bundle_folder: Path) -> None:
    """As the first release wrote them, which knew one schema."""
    stated = json.loads((bundle_folder / "bundle.json").read_text())
    del stated["columns"]
    (bundle_folder / "bundle.json").write_text(json.dumps({**stated, "schema_digest": "sha256:3f2a91bc"}))
    write_release_file(bundle_folder)
    assert "of an unknown schema and does not name the columns it uses" in message_of(bundle_folder)


def test_another_format_is_refused(bundle_folder: Path) -> None:
    """Of a later version of the software."""
    change(bundle_folder, format=99)
    assert (
        message_of(bundle_folder)
        == f"{bundle_folder} has bundle format 99, the code reads 3, 4, 5 and 6; retrain"
    )


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "mortality", ""])
def test_an_outcome_that_is_not_ours_is_refused(bundle_folder: Path, name: str) -> None:
    """File names are made of outcome names, so no path gets in by one."""
    outcomes = json.loads((bundle_folder / "bundle.json").read_text())["outcomes"]
    outcomes[0]["name"] = name
    change(bundle_folder, outcomes=outcomes)
    assert message_of(bundle_folder) == f"{bundle_folder} has an outcome that the code does not know; retrain"


@pytest.mark.parametrize("outcomes", [None, 1, "x", {"x": 1}, [1], [{}], [{"name": "relapse"}]])
def test_damaged_facts_are_refused(bundle_folder: Path, outcomes: object) -> None:
    """Whatever stands there, the answer is a refusal that names the file."""
    change(bundle_folder, outcomes=outcomes)
    assert message_of(bundle_folder).startswith(
        f"{bundle_folder / 'bundle.json'} is not a bundle of format 6: "
    )


@pytest.mark.parametrize("results", [None, 1, "center 1", [1]])
@pytest.mark.parametrize("key", ["by_center", "by_subgroup"])
def test_damaged_results_of_groups_are_refused(bundle_folder: Path, key: str, results: object) -> None:
    """They are read by number in bundles of earlier versions, whatever is there."""
    outcomes = json.loads((bundle_folder / "bundle.json").read_text())["outcomes"]
    outcomes[0]["summary"][key] = results
    change(bundle_folder, outcomes=outcomes)
    assert message_of(bundle_folder).startswith(
        f"{bundle_folder / 'bundle.json'} is not a bundle of format 6: "
    )


@pytest.mark.parametrize(("raw", "what"), [("{", "JSON"), ("[1]", "a JSON object")])
def test_what_is_not_json_is_refused(bundle_folder: Path, raw: str, what: str) -> None:
    """As a half-copied file is not."""
    file = bundle_folder / "bundle.json"
    file.write_text(raw)
    write_release_file(bundle_folder)
    assert message_of(bundle_folder) == (
        f"{file} is not {what}; the bundle is damaged, restore it or train again"
    )


def test_an_oversized_file_is_refused_unread(bundle_folder: Path) -> None:
    """A sparse file takes no space here, and would take all memory there."""
    os.truncate(bundle_folder / "relapse.trees.ubj", 2**40)
    assert message_of(bundle_folder) == "relapse.trees.ubj is larger than 256 MiB; this is not a bundle"


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    """The message says what to do."""
    assert message_of(tmp_path) == f"{tmp_path} holds no bundle.json; train, or promote a version, first"


def test_a_folder_of_something_else_is_not_replaced(bundle: Bundle, tmp_path: Path) -> None:
    """A mistyped name must not cost a folder."""
    (tmp_path / "thesis.txt").write_text("chapter 1")
    with pytest.raises(BundleError) as caught:
        write_bundle(bundle, tmp_path)
    assert str(caught.value) == f"{tmp_path} exists and is not a bundle; name another folder"
    assert (tmp_path / "thesis.txt").read_text() == "chapter 1"


def test_a_bundle_is_written_whole_or_not_at_all(
    bundle: Bundle, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the last step fails the old bundle still stands, and nothing lies beside it."""
    before, replace = read_bundle(bundle_folder).digest, os.replace

    def failing(source: Path, target: Path) -> None:
        if target == bundle_folder and not str(source).endswith(".old"):
            message = "no space left"
            raise OSError(message)
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="no space left"):
        write_bundle(make_bundle(synthetic=False), bundle_folder)
    assert read_bundle(bundle_folder).digest == before
    assert list(bundle_folder.parent.iterdir()) == [bundle_folder]


def test_a_bundle_replaces_a_bundle(bundle_folder: Path) -> None:
    """And leaves nothing of it."""
    digest = write_bundle(make_bundle(synthetic=False), bundle_folder)
    assert read_bundle(bundle_folder).digest == digest
    assert list(bundle_folder.parent.iterdir()) == [bundle_folder]
