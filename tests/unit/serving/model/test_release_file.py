"""What was altered after it was written is refused; JSON of any depth gives a refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.release_file import RELEASE_FILE, release_digest, write_release_file
from serving.model.write_bundle import write_provenance

DEEP = "[" * 100_000
DEEP_OBJECT = '{"a":' * 100_000


def altered(folder: Path, change: Callable[[dict[str, Any]], None], name: str = "bundle.json") -> None:
    """Change what a JSON file of a bundle states."""
    stated = json.loads((folder / name).read_text())
    change(stated)
    (folder / name).write_text(json.dumps(stated, indent=1) + "\n")


def not_synthetic(stated: dict[str, Any]) -> None:
    stated["cohort"]["synthetic"] = False


def validated(stated: dict[str, Any]) -> None:
    stated["outcomes"][0]["summary"]["status"] = "internally validated"


def no_reasons(stated: dict[str, Any]) -> None:
    stated["outcomes"][0]["summary"]["status_reasons"] = []


def more_patients(stated: dict[str, Any]) -> None:
    stated["cohort"]["n_infusions"] = 1500


def without_vectors(stated: dict[str, Any]) -> None:
    stated["golden"] = {"synthetic": True, "patients": [], "risks": {}}
    stated["outcomes"][0]["reference"][0] += 3


def of_another_day(stated: dict[str, Any]) -> None:
    stated["created_at"] = "2030-01-01T00:00:00+00:00"


def message_of(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        read_bundle(folder)
    return str(caught.value)


@pytest.mark.parametrize("change", [not_synthetic, validated, no_reasons, more_patients, without_vectors])
def test_an_altered_fact_is_refused(bundle_folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Also one that no golden vector depends on: the warning of a synthetic cohort must not disappear."""
    altered(bundle_folder, change)
    assert message_of(bundle_folder) == (
        "bundle.json is not the file the bundle was made with; restore it or train again"
    )


def test_altered_provenance_is_refused(bundle_folder: Path) -> None:
    """It is outside the bundle's digest, and inside that of the release."""
    altered(bundle_folder, of_another_day, "provenance.json")
    assert message_of(bundle_folder) == (
        "provenance.json is not the file the bundle was made with; restore it or train again"
    )


def test_every_file_is_listed_and_a_missing_one_is_refused(bundle_folder: Path) -> None:
    """By its name."""
    names = {file.name for file in bundle_folder.iterdir()} - {RELEASE_FILE}
    assert set(json.loads((bundle_folder / RELEASE_FILE).read_text())["files"]) == names
    for name in names - {"bundle.json"}:
        kept = (bundle_folder / name).read_bytes()
        (bundle_folder / name).unlink()
        assert message_of(bundle_folder) == f"{name} is missing from the bundle; restore it or train again"
        (bundle_folder / name).write_bytes(kept)


def test_facts_may_be_added_and_the_list_follows(bundle_folder: Path) -> None:
    """The release digest changes with provenance; the bundle's own does not."""
    before = read_bundle(bundle_folder)
    write_provenance(bundle_folder, {"version": "3"})
    after = read_bundle(bundle_folder)
    assert (after.digest, after.version) == (before.digest, "3")
    assert after.release_digest != before.release_digest


def test_facts_are_not_added_to_an_altered_bundle(bundle_folder: Path) -> None:
    """Listing it again would accept the change."""
    altered(bundle_folder, not_synthetic)
    with pytest.raises(BundleError, match=r"^bundle.json is not the file"):
        write_provenance(bundle_folder, {"version": "3"})
    assert message_of(bundle_folder).startswith("bundle.json is not the file")


def test_a_bundle_whose_facts_were_half_added_is_still_read(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in between, a training can still be recorded; the next facts list the files again."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("serving.model.write_bundle.write_whole", stop)
        with pytest.raises(KeyboardInterrupt):
            write_provenance(bundle_folder, {"version": "3"})
    assert read_bundle(bundle_folder).version == "7"
    write_provenance(bundle_folder, {"version": "3"})
    found = read_bundle(bundle_folder)
    assert found.version == "3"
    assert found.release_digest


def test_the_digest_is_that_of_the_list(bundle_folder: Path) -> None:
    """Equal files have an equal digest, whenever they were listed."""
    listed = json.loads((bundle_folder / RELEASE_FILE).read_text())["files"]
    assert read_bundle(bundle_folder).release_digest == release_digest(listed)
    assert write_release_file(bundle_folder) == release_digest(listed)


def test_a_bundle_without_a_list_is_read(bundle_folder: Path) -> None:
    """Earlier releases of the software wrote none; it has no release digest."""
    (bundle_folder / RELEASE_FILE).unlink()
    assert read_bundle(bundle_folder).release_digest == ""


def test_provenance_that_is_not_listed_is_refused(bundle_folder: Path) -> None:
    """It would be read all the same."""
    altered(bundle_folder, lambda stated: stated["files"].pop("provenance.json"), RELEASE_FILE)
    file = bundle_folder / RELEASE_FILE
    assert message_of(bundle_folder) == (
        f"{file} does not list provenance.json; the bundle is damaged, restore it or train again"
    )


@pytest.mark.parametrize("listed", [None, [], {"bundle.json": 1}, {"../bundle.json": "ab"}, {"/x": "ab"}])
def test_a_list_that_is_none_is_refused(bundle_folder: Path, listed: object) -> None:
    """No path gets in by a name."""
    file = bundle_folder / RELEASE_FILE
    file.write_text(json.dumps({"files": listed}))
    assert message_of(bundle_folder) == (
        f"{file} is no list of files; the bundle is damaged, restore it or train again"
    )


@pytest.mark.parametrize("name", ["bundle.json", "provenance.json", RELEASE_FILE])
@pytest.mark.parametrize("raw", [DEEP, DEEP_OBJECT])
def test_deeply_nested_json_is_a_refusal(bundle_folder: Path, name: str, raw: str) -> None:
    """Whoever wrote it also listed it."""
    (bundle_folder / name).write_text(raw)
    if name != RELEASE_FILE:
        write_release_file(bundle_folder)
    assert message_of(bundle_folder) == (
        f"{bundle_folder / name} is nested too deeply; the bundle is damaged, restore it or train again"
    )


@pytest.mark.parametrize("depth", [400, 900])
def test_nested_facts_that_can_be_read_are_a_refusal_too(bundle_folder: Path, depth: int) -> None:
    """The parser takes them; what uses them must not fail with a traceback."""
    nested = "[" * depth + "]" * depth
    for name, text in (
        ("provenance.json", f'{{"version": {nested}}}'),
        ("bundle.json", f'{{"schema_digest": {nested}}}'),
        ("bundle.json", f'{{"format": {nested}}}'),
    ):
        kept = (bundle_folder / name).read_text()
        (bundle_folder / name).write_text(text)
        write_release_file(bundle_folder)
        assert message_of(bundle_folder)
        (bundle_folder / name).write_text(kept)


def test_emptied_golden_vectors_are_refused(bundle_folder: Path) -> None:
    """Nothing could be verified by them; listing the files again does not help."""
    altered(bundle_folder, without_vectors)
    write_release_file(bundle_folder)
    assert message_of(bundle_folder) == (
        "the bundle has no golden vectors, so what it computes cannot be verified: "
        "the bundle is damaged, restore it or train again"
    )


@pytest.mark.parametrize("risks", [{}, {"severe_crs": []}, {"severe_crs": [[[0.5, 0.4, 0.6]]]}])
def test_incomplete_golden_vectors_are_refused(bundle_folder: Path, risks: dict[str, Any]) -> None:
    """One risk does not stand for all patients, as arrays of other shapes otherwise might."""
    altered(bundle_folder, lambda stated: stated["golden"].update(risks=risks))
    write_release_file(bundle_folder)
    assert message_of(bundle_folder) == (
        "golden vectors of severe_crs are incomplete: the bundle is damaged, restore it or train again"
    )
