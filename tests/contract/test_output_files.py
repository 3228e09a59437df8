"""One rule for every command that writes: nothing is replaced without --overwrite, no input ever."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from features.synthetic.simulation import simulate as simulated
from features.synthetic.tables import simulation_table
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.command_line import commands
from tests.command_line import ran as run_command
from tests.contract.test_mlproject import parsed

OUTPUTS = {"out", "truth", "html", "json", "model_card", "bundle_out", "fix_list"}
OUTPUTS |= {"deliveries", "deliveries_json", "changes"}
"""Options that name what is written."""
TABLE = (
    "patient_id,infusion_number,age_years,crs_grade,crs_grading_system,relapse_day,last_contact_day\n"
    "P-1,1,31,1,astct_2019,,400\n"
)
MAPPING = "\n".join(f'fields.{name} = "{name}"' for name in TABLE.splitlines()[0].split(","))
ELSEWHERE = {"answers export", "compare", "omop import", "publication", "train", "tune", "validate"}
"""They need MLflow, a database or a fit, or write a folder; what they refuse is refused before."""
REPLACE_NOTHING = {"release keygen"}
"""A private key is written where nothing is."""


WRITING = {
    name: OUTPUTS & {parameter.name for parameter in command.params}
    for name, command in commands()
    if OUTPUTS & {parameter.name for parameter in command.params}
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where a cohort, its mapping and a bundle are."""
    import numpy as np

    simulation_table(simulated(12, rng=np.random.default_rng(1))).to_csv(tmp_path / "c.csv", index=False)
    (tmp_path / "site.csv").write_text(TABLE)
    (tmp_path / "m.toml").write_text(MAPPING)
    write_bundle(make_bundle(), tmp_path / "bundle")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(monkeypatch, capsys, line: str) -> tuple[object, str]:
    """Run a command: exit status and what it reported."""
    status, _, told = run_command(monkeypatch, capsys, *line.split())
    return status, told


LINES = {
    "simulate": "simulate --patients 5 --out o.csv --truth truth.csv",
    "import": "import site.csv --mapping m.toml --out o.csv",
    "map": "map c.csv --out o.toml",
    "check": "check c.csv --html o.html --json o.json --fix-list o.f.csv --compare-with c.csv "
    "--deliveries o.d.html --deliveries-json o.d.json --changes o.csv",
    "score": "score c.csv --bundle bundle --out o.csv",
    "report": "report --bundle bundle --out o.html --json o.json --model-card o.xml",
    "redcap dictionary": "redcap dictionary --out o.csv",
    "omop recipe": "omop recipe --out o.toml",
}
PRIVATE = {"simulate", "import", "check", "score"}
"""What these write has rows of patients."""


def test_every_command_that_writes_has_the_option() -> None:
    """A command that is added is tested here as well."""
    found = dict(commands())
    assert set(WRITING) == set(LINES) | ELSEWHERE | REPLACE_NOTHING
    for name in set(WRITING) - REPLACE_NOTHING:
        assert "overwrite" in {parameter.name for parameter in found[name].params}, name


@pytest.mark.parametrize("name", LINES)
def test_nothing_is_replaced_unless_it_is_allowed(name, place, monkeypatch, capsys) -> None:
    """Each output is refused by its own name; with the option each is replaced, and is as private."""
    words = LINES[name].split()
    outputs = [place / word for word in words if word.startswith(("o.", "truth."))]
    assert ran(monkeypatch, capsys, LINES[name])[0] == 0
    for output in outputs:
        output.write_text("mine")
        status, told = ran(monkeypatch, capsys, LINES[name])
        assert (status, output.read_text()) == (1, "mine")
        assert "the file to write exists" in told
    assert ran(monkeypatch, capsys, f"{LINES[name]} --overwrite")[0] == 0
    for output in outputs:
        assert output.read_text() != "mine"
        private = stat.S_IMODE(output.stat().st_mode) & 0o077 == 0
        assert private or name not in PRIVATE


@pytest.mark.parametrize("name", LINES)
def test_no_input_is_replaced(name, place, monkeypatch, capsys) -> None:
    """Not by a link of either kind, and not with the option."""
    words = LINES[name].split()
    inputs = [word for word in words if word in ("c.csv", "site.csv", "m.toml")]
    output = next(word for word in words if word.startswith("o."))
    for given in inputs:
        before = (place / given).read_text()
        for make in (os.link, os.symlink):
            make(place / given, place / output)
            status, told = ran(monkeypatch, capsys, f"{LINES[name]} --overwrite")
            assert (status, (place / given).read_text()) == (1, before)
            assert told == f"{output}: 1 problem\n  the file to write is the file that is read: {ANOTHER}\n"
            (place / output).unlink()


ANOTHER = "name another file"
KEPT = ["train c.csv", "train --evidence-only", "tune c.csv", "validate 1 c.csv --update"]


@pytest.mark.parametrize("line", KEPT)
def test_a_bundle_is_not_replaced_unless_it_is_allowed(line, place, monkeypatch, capsys) -> None:
    """Before anything is fitted."""
    before = sorted((place / "bundle").iterdir())
    status, told = ran(monkeypatch, capsys, f"{line} --bundle-out bundle")
    assert (status, sorted((place / "bundle").iterdir())) == (1, before)
    assert told == "bundle holds a bundle; choose another folder, or replace it with --overwrite\n"


@pytest.mark.parametrize("line", KEPT)
def test_a_folder_that_holds_more_than_a_bundle_is_kept(line, place, monkeypatch, capsys) -> None:
    """The whole folder would be replaced, and a cohort in it lost."""
    (place / "bundle" / "c.csv").write_text("patients")
    status, told = ran(monkeypatch, capsys, f"{line} --bundle-out bundle --overwrite")
    assert (status, (place / "bundle" / "c.csv").read_text()) == (1, "patients")
    assert told == "bundle holds c.csv, which no bundle has; move it, or name another folder\n"


def test_an_updated_version_does_not_replace_the_bundle_it_is_made_of(place, monkeypatch, capsys) -> None:
    """Nor by another name of its folder."""
    (place / "link").symlink_to("bundle")
    line = "validate c.csv --bundle bundle --update --bundle-out link --overwrite"
    assert ran(monkeypatch, capsys, line) == (
        1,
        "link contains the input bundle; choose another folder with --bundle-out\n",
    )


def test_generated_documents_are_replaced_whole(tmp_path: Path) -> None:
    """They are made from the schema and never edited, so that no option is needed."""
    from training.commands.schema import documents, schema

    for _ in range(2):
        schema(write=True, folder=tmp_path)
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    contents = {file.relative_to(tmp_path).as_posix(): file.read_text("utf-8") for file in written}
    assert contents == documents()


@pytest.mark.parametrize(
    ("given", "replaced"),
    [({}, False), ({"overwrite": "overwrite"}, True), ({"force": "force"}, True)],
)
def test_the_earlier_parameter_of_a_report_still_works(given: dict[str, str], replaced: bool) -> None:
    """As does the new one."""
    found = parsed("report", **given)[1]
    assert (found["overwrite"] or found["force"]) is replaced
