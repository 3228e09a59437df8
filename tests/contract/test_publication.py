"""`publication` and `report --model-card`: files open, are valid and masked, nothing is half written."""

from __future__ import annotations

import csv
import dataclasses
import io
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pytest
from lxml import etree

from features.problems import Refused
from features.synthetic.simulation import simulate as simulated
from features.synthetic.tables import simulation_table
from serving.model.write_bundle import write_bundle
from tests.bundles import full_summary, make_bundle, make_published_bundle, with_composed
from tests.command_line import paper, ran
from training.commands.publication import publication, publication_folder
from training.pages.applied_card.card_xml import NAMESPACE, applied_model_card

SCHEMA = Path(__file__).with_name("applied_model_card") / "schema.xsd"
SIGNATURES = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
 targetNamespace="http://www.w3.org/2000/09/xmldsig#"><xs:element name="Signature"/></xs:schema>"""
"""In place of the schema of XML signatures, which the card's schema would fetch: no card here is signed."""


class Offline(etree.Resolver):
    """Answer for every other schema with that of signatures."""

    def resolve(self, url: str, public_id: str, context: Any) -> Any:
        """Read nothing from the network."""
        if url.startswith("http"):
            return self.resolve_string(SIGNATURES, context)
        return None


def schema() -> etree.XMLSchema:
    """Read the schema of the Coalition for Health AI."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Offline())
    return etree.XMLSchema(etree.parse(str(SCHEMA), parser))


def card_of(xml: str) -> etree._Element:
    """Read a card that is valid by the schema."""
    card = etree.fromstring(xml.encode())
    schema().assertValid(card)
    return card


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a synthetic cohort of 60 patients and a bundle in which all is measured."""
    made = tmp_path_factory.mktemp("publication")
    table = simulation_table(simulated(60, rng=np.random.default_rng(5)))
    table["center"] = np.where(np.arange(len(table)) < 30, "Ulm", "Kiel <b>")
    table.to_csv(made / "c.csv", index=False)
    bundle = make_bundle()
    summaries = {**bundle.summaries, "severe_crs": full_summary()}
    write_bundle(dataclasses.replace(bundle, summaries=summaries), made / "bundle")
    return made


def publish(monkeypatch, capsys, folder: Path, out: Path, *words: object) -> tuple[object, str, str]:
    """Run the command on the cohort and the bundle of a folder."""
    cohort, bundle = folder / "c.csv", folder / "bundle"
    return ran(monkeypatch, capsys, "publication", cohort, "--bundle", bundle, "--out", out, *words)


@pytest.fixture(scope="module")
def published(folder: Path) -> Path:
    """Publish by relapse, once."""
    publication(
        folder / "c.csv", folder.parent / "p", bundle=folder / "bundle", by="relapse", console=paper()
    )
    return folder.parent / "p"


@pytest.fixture
def kept(published: Path, tmp_path: Path) -> Path:
    """Copy that folder, to be written to."""
    shutil.copytree(published, tmp_path / "p")
    return tmp_path / "p"


def cells_of(file: Path) -> list[list[str]]:
    """Read a table."""
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))


def test_every_kind_of_file_is_there(published) -> None:
    """Tables, figures in both formats, one document, one card; readable as the umask allows."""
    names = {file.name for file in published.iterdir()}
    assert {"tables.docx", "model-card.xml", "table-1-baseline.csv", "table-2-incidence.csv"} <= names
    figures = {name.removesuffix(".pdf") for name in names if name.endswith(".pdf")}
    assert {f"{name}.svg" for name in figures} <= names
    kinds = {name.split("-")[1] for name in figures}
    assert kinds == {"incidence", "calibration", "decision", "odds"}
    assert stat.S_IMODE((published / "tables.docx").stat().st_mode) & 0o400


def test_word_document_has_the_tables(published) -> None:
    """Real tables with a heading row that repeats, captions, and the cells of the CSV files."""
    document = docx.Document(str(published / "tables.docx"))
    files = sorted(published.glob("table-*.csv"))
    assert len(document.tables) == len(files)
    captions = [each.text for each in document.paragraphs if each.style.name == "Caption"]
    assert captions[0].startswith("Table 1. Characteristics before the infusion, by no response")
    assert [caption.split(".")[0] for caption in captions] == [
        f"Table {number}" for number in range(1, len(files) + 1)
    ]
    first = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert first == cells_of(published / "table-1-baseline.csv")
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(docx.oxml.ns.qn("w:tblHeader")) is not None
    text = "\n".join(each.text for each in document.paragraphs)
    assert "Masked: a count of 1 to 4 patients" in text
    assert "Figure 1 (figure-incidence-relapse)." in text


def test_no_small_count_is_in_a_table(published) -> None:
    """Every count of Table 1 and of the incidence is 0 or at least 5."""
    counts = [
        int(cell.split(" ")[0])
        for row in cells_of(published / "table-1-baseline.csv")[1:]
        for cell in row[1:-1]
        if "(" in cell
    ]
    counts += [
        int(cell)
        for row in cells_of(published / "table-2-incidence.csv")[1:]
        for cell in row[2:7]
        if cell.isdigit()
    ]
    assert len(counts) > 50
    assert not [count for count in counts if 0 < count < 5]


def test_names_of_centers_are_in_no_file(folder, tmp_path, monkeypatch, capsys) -> None:
    """By number, also where a name is markup."""
    out = tmp_path / "p"
    status, printed, _ = publish(monkeypatch, capsys, folder, out, "--by", "center", "--no-mask")
    assert status == 0
    assert "c.csv is not the training cohort" in printed
    assert "small counts are shown" in printed
    head = cells_of(out / "table-1-baseline.csv")[0]
    assert head[2].startswith("Center 1 (n = ")
    everything = b"".join(file.read_bytes() for file in out.iterdir() if file.suffix != ".docx")
    texts = [cell.text for table in docx.Document(str(out / "tables.docx")).tables for cell in table._cells]
    assert b"Ulm" not in everything
    assert b"Kiel" not in everything
    assert not [text for text in texts if "Ulm" in text or "Kiel" in text]


def test_the_same_input_gives_the_same_bytes(kept, folder, monkeypatch, capsys) -> None:
    """Every file; and --overwrite replaces the folder, an earlier file of the command included."""
    before = {file.name: file.read_bytes() for file in kept.iterdir()}
    (kept / "table-0-old.csv").write_text("of an earlier run")
    assert publish(monkeypatch, capsys, folder, kept, "--by", "relapse")[0] == 1
    assert publish(monkeypatch, capsys, folder, kept, "--by", "relapse", "--overwrite")[0] == 0
    assert {file.name: file.read_bytes() for file in kept.iterdir()} == before


@pytest.mark.parametrize("there", [False, True])
def test_a_full_disk_leaves_nothing_half_written(there, tmp_path, monkeypatch) -> None:
    """An earlier folder is whole, and there are no remains of the new one."""
    if there:
        (tmp_path / "p").mkdir()
        (tmp_path / "p" / "tables.docx").write_text("of an earlier run")
    synced, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        synced(handle)

    monkeypatch.setattr(os, "fsync", full)
    out = publication_folder(tmp_path / "p", overwrite=True)
    with pytest.raises(Refused) as refused:
        out.write({"tables.docx": b"1", "model-card.xml": b"2"})
    assert str(refused.value) == (
        f"{tmp_path / 'p'} cannot be written (No space left on device); nothing was replaced"
    )
    assert [(each.name, each.read_text()) for each in tmp_path.rglob("*") if each.is_file()] == (
        [("tables.docx", "of an earlier run")] if there else []
    )
    assert [each.name for each in tmp_path.iterdir()] == (["p"] if there else [])


def test_ctrl_c_while_a_folder_is_replaced_keeps_the_earlier(tmp_path, monkeypatch) -> None:
    """It is put back under its name."""
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "tables.docx").write_text("of an earlier run")
    renamed, calls = Path.rename, []

    def stopped(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return renamed(path, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        publication_folder(tmp_path / "p", overwrite=True).write({"tables.docx": b"1"})
    assert (tmp_path / "p" / "tables.docx").read_text() == "of an earlier run"
    assert [each.name for each in tmp_path.iterdir()] == ["p"]


def test_other_files_in_the_folder_are_kept(folder, tmp_path, monkeypatch, capsys) -> None:
    """The manuscript itself may be there."""
    out = tmp_path / "p"
    out.mkdir()
    (out / "manuscript.docx").write_text("mine")
    status, _, told = publish(monkeypatch, capsys, folder, out, "--overwrite")
    assert status == 1
    assert "holds files that this command did not write: name another folder" in told
    assert (out / "manuscript.docx").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--by", "remission"), "--by must be one of severe_crs, severe_icans, relapse"),
        (("--width", "89"), "--width must be one of single, one-and-a-half, double, got 89"),
        (("--version", "1"), "name a version or --bundle, not both"),
        (("--allow-grading", "lee"), "--allow-grading lee: crs_grading_system must be one of"),
    ],
)
def test_what_is_refused(folder, tmp_path, monkeypatch, capsys, words, message) -> None:
    """With what is possible; nothing is written."""
    status, _, told = publish(monkeypatch, capsys, folder, tmp_path / "p", *words)
    assert status == 1
    assert told.startswith(message)
    assert not (tmp_path / "p").exists()


def test_folders_that_are_refused(folder, tmp_path, monkeypatch, capsys) -> None:
    """A file, a folder above that is not there, a link, and the folder of the cohort."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for out, message in (
        (tmp_path / "file", "is a file: name another folder"),
        (tmp_path / "absent" / "p", "the folder above the folder to write"),
        (tmp_path / "link", "is a link: name another folder"),
        (folder, "contains what is read"),
    ):
        status, _, told = publish(monkeypatch, capsys, folder, out, "--overwrite")
        assert status == 1
        assert message in told


@pytest.mark.parametrize("bundle", [make_bundle(), with_composed(make_bundle()), make_published_bundle()])
def test_card_is_valid(bundle) -> None:
    """By the schema of the Coalition for Health AI; what has no fact is not stated."""
    card = card_of(applied_model_card(bundle))
    names = {"": NAMESPACE}
    assert card.findtext("BasicInfo/ModelDeveloper", namespaces=names) == "not stated"
    assert card.findtext("Warnings/ClinicalRiskLevel", namespaces=names) == "not stated"
    summary = card.findtext("ModelSummary/Summary", namespaces=names)
    assert ("150 infusions of 140 patients" in summary) == bundle.cohort.trained


def test_card_has_the_figures_of_the_report() -> None:
    """Value and interval, in full precision; fairness by subgroup."""
    made = make_bundle()
    made = dataclasses.replace(made, summaries={**made.summaries, "severe_crs": full_summary()})
    card = card_of(applied_model_card(made))
    names = {"": NAMESPACE}
    results = {
        each.findtext("Label", namespaces=names): each.findtext("ValueJson", namespaces=names)
        for each in card.iter(f"{{{NAMESPACE}}}MetricResult")
    }
    area = full_summary().metrics[30]["auroc"]
    assert results["severe CRS (grade 3 or higher), day 30: AUROC"] == (
        f'{{"kind": "estimate_ci", "estimate": {area.value}, "lower": {area.low}, "upper": {area.high}, '
        '"level": 90}'
    )
    assert "severe CRS (grade 3 or higher), day 30, Sex: female: AUROC" in results


def test_card_holds_any_text() -> None:
    """Letters of XML, of all languages, and those that XML cannot hold."""
    made = make_bundle()
    name = 'a&b <c> "d" ]]> \x00\x0b \N{GREEK SMALL LETTER MU} \N{DNA DOUBLE HELIX}'
    provenance = {**made.provenance, "version": name}
    card = card_of(applied_model_card(dataclasses.replace(made, provenance=provenance)))
    version = card.findtext("ReleaseInfo/ReleaseVersion", namespaces={"": NAMESPACE})
    assert 'a&b <c> "d" ]]>' in version
    assert "\N{DNA DOUBLE HELIX}" in version
    assert "\x00" not in version


def test_report_writes_the_card(folder, tmp_path, monkeypatch, capsys) -> None:
    """The same as in the folder of a publication, alone or beside the page."""
    words = ("report", "--bundle", folder / "bundle", "--model-card", tmp_path / "card.xml")
    assert ran(monkeypatch, capsys, *words)[0] == 0
    assert [file.name for file in tmp_path.iterdir()] == ["card.xml"]
    card_of((tmp_path / "card.xml").read_text(encoding="utf-8"))
