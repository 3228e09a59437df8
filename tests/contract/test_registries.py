"""Exports of registries become cohorts: the examples of docs/registries.md, and generated tables."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import numpy as np
import pytest

from features.drafting.presets import NAMES
from features.mapping.file import mapping_of
from tests.command_line import paper, ran
from tests.registry_exports import EXPORTS, wrong_cells
from training.commands.import_table import import_table

PAGE = (Path(__file__).parents[2] / "docs" / "registries.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Blocks of the page in one language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_example_gives_the_table_that_the_page_shows(tmp_path, name):
    """To the letter."""
    example = NAMES.index(name)
    raw, mapping, out = tmp_path / "raw.csv", tmp_path / "site.toml", tmp_path / "cohort.csv"
    raw.write_text(blocks("csv")[2 * example], encoding="utf-8")
    mapping.write_text(blocks("toml")[example], encoding="utf-8")
    import_table(raw, mapping, out, console=paper())
    assert out.read_text(encoding="utf-8") == blocks("csv")[2 * example + 1]


def test_commands_of_the_page(tmp_path, monkeypatch, capsys):
    """The draft is accepted by the reader; with the completed mapping the others succeed."""
    monkeypatch.chdir(tmp_path)
    Path("export.csv").write_text(blocks("csv")[0], encoding="utf-8")
    drafting, checking, importing = (shlex.split(line)[1:] for line in blocks("bash")[0].splitlines())
    assert ran(monkeypatch, capsys, *drafting)[0] == 0
    draft = Path("site.toml").read_text(encoding="utf-8")
    assert 'patient_id = "crid"' in draft
    assert draft.count("# Decide: ") >= 5
    mapping_of(tomllib.loads(draft), name="draft")
    Path("site.toml").write_text(blocks("toml")[0], encoding="utf-8")
    assert ran(monkeypatch, capsys, *checking)[0] == 0
    assert ran(monkeypatch, capsys, *importing)[0] == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [1, 2])
def test_generated_exports_have_no_wrong_cell(tmp_path, name, seed):
    """By the mappings of the page."""
    export = EXPORTS[name](60, np.random.default_rng(seed))
    raw, mapping, out = tmp_path / "raw.csv", tmp_path / "site.toml", tmp_path / "cohort.csv"
    raw.write_text(export.text, encoding="utf-8")
    mapping.write_text(blocks("toml")[NAMES.index(name)], encoding="utf-8")
    import_table(raw, mapping, out, console=paper())
    compared, wrong = wrong_cells(out, export.truth)
    assert wrong == []
    assert compared >= 10 * len(export.truth)


@pytest.mark.parametrize("name", NAMES)
def test_drafts_of_generated_exports_are_accepted(tmp_path, monkeypatch, capsys, name):
    """Every draft is a mapping file that the reader accepts."""
    (tmp_path / "raw.csv").write_text(EXPORTS[name](30, np.random.default_rng(3)).text, encoding="utf-8")
    status, printed, _ = ran(monkeypatch, capsys, "map", tmp_path / "raw.csv", "--preset", name)
    assert status == 0
    assert printed.startswith({"cibmtr": "# CIBMTR", "ebmt": "# EBMT"}[name])


def test_an_unknown_preset_is_refused(tmp_path, monkeypatch, capsys):
    """With the names of those that there are."""
    (tmp_path / "raw.csv").write_text(blocks("csv")[0], encoding="utf-8")
    status, _, said = ran(monkeypatch, capsys, "map", tmp_path / "raw.csv", "--preset", "nmdp")
    assert (status, said) == (1, "1 problem\n  the preset must be one of cibmtr, ebmt, got nmdp\n")
