"""Champion and release: compared by digest, changed by hand, gone, rolled back, and served without MLflow."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import mlflow
import pytest
from click.testing import CliRunner as ClickRunner
from typer.testing import CliRunner

from features.problems import Refused
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import BUNDLE_VARIABLE, model_folder, released_bundle, stored
from serving.release.release_log import log_file, read_log
from tests.faults import Killed
from tests.releases import (
    aliases,
    another,
    empty_store,
    promoted,
    register,
    served,
)
from tests.signing import site_key
from training.commands.app import app
from training.commands.promotion_steps import GateError
from training.release.bento_store import prepare, release_folder
from training.release.journal import Journal, read_journal, write_journal
from training.release.log_writing import log_release
from training.tracking.model_registry import registered_bundle
from training.tracking.registered_recipe import registered_recipe
from training.tracking.release_agreement import disagreement
from training.tracking.runs import MODEL_NAME, connected
from training.tracking.store import TrackingError, quiet
from training.tracking.version_facts import version_facts


@pytest.fixture(autouse=True)
def _from_the_start(first_released: Path) -> None:
    """Begin where the first version is released."""


def name_of(version: str) -> str:
    return read_bundle(registered_bundle(version)[1]).version_name


def by_hand(version: str) -> None:
    """Move the alias as a person does in MLflow's pages."""
    with connected() as client:
        client.set_registered_model_alias(MODEL_NAME, "champion", version)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_a_release_and_its_champion_agree() -> None:
    """By number and both digests; the digest of all files is a tag of the version."""
    with connected() as client:
        tags = client.get_model_version(MODEL_NAME, "1").tags
    released = stored(released_bundle())
    assert released is not None
    assert (released.version, released.digest) == ("1", tags["bundle_digest"])
    assert released.release_digest == tags["release_digest"]
    assert disagreement() == ""


def test_an_alias_moved_by_hand_is_reported_with_the_commands_that_resolve_it() -> None:
    """By every command that reaches MLflow; the release is still served."""
    by_hand("2")
    one, two = name_of("1"), name_of("2")
    words = (
        f"MLflow's champion is version {two}, and version {one} is released on this machine: `report` and "
        "`compare` use the former, `serve` and `score` the latter. Release the champion: "
        "cart-outcomes promote 2. Keep the release: cart-outcomes promote 1"
    )
    assert disagreement() == words
    for command in (("compare",), ("compare", "1", "2"), ("report", "--out", "r.html", "--force")):
        assert f"warning: {words}\n" in run(*command).stderr
    found = served()
    assert found is not None
    assert found.version == "1"


def test_serving_and_scoring_use_the_release_and_warn(
    tmp_path: Path, free_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """After the alias was moved by hand, and after a promotion that was killed."""
    from training.commands.serve import service

    by_hand("2")
    assert run("simulate", "--patients", "4", "--out", str(tmp_path / "c.csv")).exit_code == 0
    scored = run("score", str(tmp_path / "c.csv"), "--out", str(tmp_path / "r.csv"))
    assert "warning: MLflow's champion is version 2-" in scored.stderr
    assert f"scored by version {name_of('1')} (" in scored.stderr
    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        patch.setattr("training.commands.promotion_steps.finish", stopped)
        promoted("2")
    server = service(free_port, "127.0.0.1", None)
    # The service finds the release by itself, and follows it.
    assert server.environment[BUNDLE_VARIABLE] == ""
    told = capfd.readouterr()
    assert f"serving version {name_of('1')} (" in told.out
    assert told.err == (
        "warning: the promotion of version 2 was interrupted. Finish it: cart-outcomes promote 2\n"
    )


def stopped(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize("version", ["1", "2"])
def test_either_command_resolves_it(version: str) -> None:
    """The champion is released, or the release is made champion again."""
    by_hand("2")
    promoted(version)
    found = served()
    assert found is not None
    assert (found.version, aliases()["champion"], disagreement()) == (version, version, "")


def test_a_registered_model_that_was_deleted_leaves_the_release() -> None:
    """The next training is version 1 again, of another name; both are told apart."""
    before = name_of("1")
    with connected() as client:
        client.delete_registered_model(MODEL_NAME)
    assert disagreement() == (
        f"version {before} is released on this machine, and MLflow has no champion. "
        "Promote a version: cart-outcomes promote"
    )
    assert register(another(), Path("anew")) == "1"
    now = name_of("1")
    assert now != before
    with pytest.raises(TrackingError) as refused:
        registered_bundle(before)
    assert str(refused.value) == (
        f"version {before} is not registered: version 1 is now {now}, another model. "
        "`cart-outcomes compare` lists the versions"
    )
    by_hand("1")
    assert f"MLflow's champion is version {now}, and version {before} is released" in disagreement()


def test_a_version_is_found_by_its_name_in_answers() -> None:
    """As a person reads it on the page."""
    assert registered_bundle(name_of("2"))[0] == "2"


def test_without_a_champion_the_release_can_be_made_champion_again() -> None:
    """Where its version is still registered, the command names it."""
    with connected() as client:
        client.delete_registered_model_alias(MODEL_NAME, "champion")
    assert disagreement().endswith("MLflow has no champion. Keep the release: cart-outcomes promote 1")


def test_a_release_with_fewer_outcomes_is_forced_or_refused() -> None:
    """Each outcome that is lost is a reason."""
    with pytest.raises(GateError) as refused:
        promoted("3")
    assert str(refused.value) == (
        "version 3 is not released:\n"
        f"  severe_crs: predicted by the last release, version {name_of('1')}, but not by this version\n"
        "promote it despite failed checks with --force WHY"
    )
    found = served()
    assert found is not None
    assert found.version == "1"
    assert "forced despite: severe_crs" in promoted("3", "to try it")
    with connected() as client:
        tags = version_facts(client, client.get_model_version(MODEL_NAME, "3"))
    assert (tags["forced"], tags["forced_although"].split(":")[0]) == ("to try it", "severe_crs")


def test_outcomes_are_compared_with_the_champion_where_nothing_is_released() -> None:
    """As on a machine that has not released yet."""
    empty_store()
    with pytest.raises(GateError, match="severe_crs: predicted by the last release, version 1, but not"):
        promoted("3")


def test_the_champion_before_can_be_released_again() -> None:
    """And again: the alias `previous` is always the one before."""
    promoted("2")
    assert aliases() == {"champion": "2", "previous": "1"}
    promoted(previous=True)
    assert aliases() == {"champion": "1", "previous": "2"}
    promoted(previous=True)
    found = served()
    assert found is not None
    assert (found.version, aliases()) == ("2", {"champion": "2", "previous": "1"})


def test_promoting_the_champion_again_keeps_the_one_before() -> None:
    """It is not its own predecessor."""
    promoted("2")
    promoted("2")
    assert aliases() == {"champion": "2", "previous": "1"}


def test_a_champion_set_by_hand_is_not_its_own_predecessor() -> None:
    """The alias `previous` named it already: what was released last is the one before."""
    promoted("2")
    by_hand("1")
    promoted("1")
    assert aliases() == {"champion": "1", "previous": "2"}


def test_without_an_earlier_champion_there_is_nothing_to_go_back_to() -> None:
    """The message names the way that there is."""
    result = run("promote", "--previous")
    assert isinstance(result.exception, Refused)
    assert str(result.exception).startswith(
        "no previous champion is recorded: the alias `previous` is not set."
    )
    with pytest.raises(Refused, match=r"^name a version or --previous, not both: version 2$"):
        promoted("2", previous=True)


def purge_run(version: str, *, for_good: bool) -> None:
    """Delete the run of a version, as a person does in MLflow's pages, and purge it as `mlflow gc` does."""
    with connected() as client:
        run_id = str(client.get_model_version(MODEL_NAME, version).run_id)
        client.delete_run(run_id)
    if for_good:
        from mlflow.cli import gc

        address = f"sqlite:///{Path('mlflow.db').absolute()}"
        with quiet(), pytest.MonkeyPatch.context() as patch:
            patch.setenv("MLFLOW_TRACKING_URI", address)
            result = ClickRunner().invoke(gc, ["--backend-store-uri", address, "--run-ids", run_id])
        assert result.exit_code == 0, result.output
        with connected() as client, pytest.raises(mlflow.MlflowException):
            client.get_run(run_id)


@pytest.mark.parametrize("for_good", [False, True], ids=["trash", "purged"])
def test_a_version_whose_run_was_deleted_is_promoted_reported_and_compared(for_good: bool) -> None:
    """From what the version holds: bundle, tags, and the parameters of the logged model."""
    purge_run("2", for_good=for_good)
    assert "note: its run was deleted, so its report is not stored in MLflow" in promoted("2")
    assert disagreement() == ""
    with connected() as client:
        words = client.get_model_version(MODEL_NAME, "2").description
    assert "The run was deleted. Write the full report with `cart-outcomes report 2`." in words
    reported = run("report", "2", "--out", "deleted.html", "--force")
    assert reported.exit_code == 0, reported.exception
    assert registered_recipe("no-such-run", "2").config.seed == 3
    compared = run("compare", "1", "2")
    assert compared.exit_code == 0, compared.exception
    listed = run("compare")
    assert "version 2, CHAMPION, run deleted" in listed.stdout
    assert "relapse" in listed.stdout.split("run deleted")[1]


def test_without_mlflow_the_release_is_used_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a folder without runs none are made; a server that is gone is asked once."""
    from training.tracking.release_agreement import warn_before_serving

    monkeypatch.chdir(tmp_path)
    warn_before_serving()
    assert capsys.readouterr().err == (
        "warning: the release was not compared with MLflow's champion: no runs are recorded in this folder. "
        "The last release is used\n"
    )
    assert not list(tmp_path.iterdir())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    warn_before_serving()
    words = capsys.readouterr().err
    assert words.startswith("warning: the release was not compared with MLflow's champion: MLflow: ")
    assert words.endswith("The last release is used\n")


def test_what_was_half_stored_is_ignored_and_what_was_prepared_is_removed() -> None:
    """As a killed command of an earlier software left it in the store, and one of this software beside it."""
    (model_folder() / "v9-half").mkdir()
    (model_folder() / "v9-half" / "bundle.json").write_text("{")
    left = release_folder() / "prepared" / "cart_outcomes" / "v8-half"
    left.mkdir(parents=True)
    (left / "model.yaml").write_text("name: x")
    promoted("2")
    found = served()
    assert found is not None
    assert found.version == "2"
    assert not left.exists()


def test_a_damaged_journal_is_refused_with_the_remedy() -> None:
    """Nothing is guessed from it."""
    file = release_folder() / "journal.json"
    for raw in ("{", "[]", '{"version": "1"}', "[" * 100_000):
        file.write_text(raw)
        with pytest.raises(Refused) as refused:
            promoted("2")
        assert str(refused.value).startswith(f"{file} is damaged.")
        assert "Delete the file, then promote the version again" in str(refused.value)
    file.unlink()


def test_an_interruption_is_settled_in_favor_of_what_mlflow_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The alias was moved to a third version meanwhile: the interrupted promotion is undone."""
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr("training.tracking.interrupted_promotion.log_release", stopped)
        promoted("2")
    assert "the promotion of version 2 was interrupted" in disagreement()
    by_hand("1")
    assert "was undone: it had not become champion" in promoted("1")
    found = served()
    assert found is not None
    assert (found.version, disagreement()) == ("1", "")
    names = {place.name for place in model_folder().iterdir() if place.is_dir()}
    assert not [name for name in names if name.startswith("v2")]
    assert [line.entry.version for line in read_log()] == ["1", "1"]


def test_a_release_in_the_log_is_finished_whatever_mlflow_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is never taken back; the command then releases the version that it names."""
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr("training.tracking.interrupted_promotion.move_into_store", stopped)
        promoted("2")
    by_hand("1")
    assert "the interrupted promotion of version 2-" in promoted("1")
    found = served()
    assert found is not None
    assert (found.version, disagreement()) == ("1", "")
    assert [line.entry.version for line in read_log()] == ["1", "2", "1"]
    assert all((model_folder() / line.entry.stored).is_dir() for line in read_log())


def test_a_log_that_was_changed_meanwhile_undoes_the_promotion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its line no longer follows the last one."""
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr("training.tracking.interrupted_promotion.log_release", stopped)
        promoted("2")
    log_file().unlink()
    with pytest.raises(Refused, match="line 1: it does not follow the line before"):
        log_release(str(read_journal().line))  # type: ignore[union-attr]
    assert "was undone" in promoted("2")
    assert [(line.entry.number, line.entry.version) for line in read_log()] == [(1, "2")]


def test_a_promotion_interrupted_under_earlier_software_is_finished() -> None:
    """Its journal has no line for the log; the release then has none either."""
    name = prepare(Path("two"), "2")
    digest = read_bundle(Path("two")).digest
    write_journal(Journal("2", digest, "", name, ""))
    by_hand("2")
    assert "is finished" in promoted("2")
    assert [line.entry.version for line in read_log()] == ["1"]
    assert released_bundle().name == name


def test_a_promotion_is_signed_and_no_unsigned_one_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or anybody could go on with the log; what is served has not changed."""
    key = site_key(tmp_path)
    signed = run("promote", "2", "--why", "Board of 3 May", "--by", "ward 3", "--signing-key", str(key))
    assert signed.exit_code == 0, signed.exception
    before, (_, last) = released_bundle(), read_log()
    assert f", signed with the key {last.signature.key}" in signed.stdout
    assert (last.entry.why, last.entry.promoted_by) == ("Board of 3 May", "ward 3")
    with pytest.raises(Refused) as refused:
        promoted("1")
    assert str(refused.value) == (
        "the release before, version 2, is signed, and no key is named. "
        "Name the signing key: cart-outcomes promote --signing-key FILE"
    )
    assert (released_bundle(), len(read_log())) == (before, 2)


def test_a_signed_promotion_follows_a_release_without_manifest_and_log(tmp_path: Path) -> None:
    """As the version of the software before left it; the way back is a release of its own."""
    log_file().unlink()
    for name in ("manifest.json", "sbom.cdx.json", "signature.json"):
        (released_bundle() / name).unlink(missing_ok=True)
    key = str(site_key(tmp_path))
    assert run("promote", "2", "--signing-key", key).exit_code == 0
    assert run("promote", "--previous", "--signing-key", key).exit_code == 0
    assert [line.entry.version for line in read_log()] == ["2", "1"]


@pytest.mark.parametrize("options", [{"why": "two\nlines"}, {"by": "x" * 501}, {"force": "\x1b[2J"}])
def test_words_that_a_log_cannot_hold_are_refused(options: dict[str, str]) -> None:
    """Before anything is done: a terminal would obey control characters."""
    with pytest.raises(Refused, match=r"^--\w+ must have at most 500 characters, on one line$"):
        promoted("2", **options)
