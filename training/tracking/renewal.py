"""Renew the descriptions that list runs: of the experiment, and of a version that was measured or updated.

A training has been recorded when this begins, so that nothing here fails it: a page that could not be renewed
is renewed by the next command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from features.problems import Refused
from serving.model.version_name import version_name
from training.console.locks import lock_held
from training.records import experiment_page, version_page
from training.records.experiment_entry import Entry
from training.records.experiment_page import Promoted
from training.records.run_differences import Facts
from training.tracking.experiments import ACTIVE, DESCRIPTION, experiment_name, run_page
from training.tracking.experiments import version_page as page_of_version
from training.tracking.measured_model import measured_version
from training.tracking.model_registry import BUNDLE_DIGEST, CHAMPION, PREVIOUS, versions
from training.tracking.runs import MODEL_NAME, answering, connected
from training.tracking.saved_view import view_addresses
from training.tracking.store import database_file, tracking_uri
from training.tracking.version_facts import version_facts

MADE, VALIDATED = ("training", "update"), ("external_validation",)
"""Tag ``kind`` of runs that make a version, and of those that measure one."""
MOST_RUNS = 1000
"""Newest runs of each kind that are read."""
MOST_ATTEMPTS = 5
"""Other commands may write at the same moment: the page is read again after it was written."""


def renew(run_id: str, *, measured: str = "") -> None:
    """Renew the page of a run's experiment, and that of the version which the run measured or updated.

    Parameters
    ----------
    run_id : str
        The parent run, recorded.
    measured : str
        Version that was measured, by its name in answers; empty where none was.
    """
    with _never_failing(), connected() as client:
        run = client.get_run(run_id)
        renew_experiment(client, str(run.info.experiment_id))
        tags = run.data.tags
        of = measured or _updated_version(client, tags)
        if of:
            _renew_version(client, of, str(run.info.experiment_id))


def renew_after_promotion(version: str) -> None:
    """Renew the pages that name the champion: of the version's experiment, and of the one of new runs."""
    with _never_failing(), connected() as client:
        entry = client.get_model_version(MODEL_NAME, version)
        named = client.get_experiment_by_name(experiment_name())
        experiments = (
            {str(named.experiment_id)} if named is not None and named.lifecycle_stage == ACTIVE else set()
        )
        with suppress(Exception):
            experiments.add(str(client.get_run(str(entry.run_id)).info.experiment_id))
        for experiment in sorted(experiments):
            renew_experiment(client, experiment)


def renew_experiment(client: Any, experiment_id: str) -> None:
    """Write the league tables into the description of an experiment; what people wrote around them stays.

    Commands on one machine take turns. Those on several write what all recorded runs say and read again: the
    last one to write has seen the runs of all others.

    Parameters
    ----------
    client : MlflowClient
    experiment_id : str
    """
    with _one_at_a_time():
        _settle(
            lambda: str(client.get_experiment(experiment_id).tags.get(DESCRIPTION, "")),
            lambda: _experiment_text(client, experiment_id),
            lambda text: client.set_experiment_tag(experiment_id, DESCRIPTION, text),
        )


def _settle(
    read: Callable[[], str], renewal: Callable[[], Callable[[str], str]], write: Callable[[str], None]
) -> None:
    """Write until nothing changes any more: another command may have written in between."""
    for _ in range(MOST_ATTEMPTS):
        renewed = renewal()
        # Read last: a person may have written while the runs were read.
        before = read()
        after = renewed(before)
        if after == before:
            return
        write(after)


def _experiment_text(client: Any, experiment_id: str) -> Callable[[str], str]:
    registered = versions(client)
    of_run = {str(each.run_id): str(each.version) for each in registered}
    made, validated = (_entries(client, experiment_id, kinds, of_run) for kinds in (MADE, VALIDATED))
    return partial(
        experiment_page.described,
        entries=made,
        champion=_promoted(client) if registered else None,
        validations=validated,
        views=view_addresses(experiment_id),
    )


def _renew_version(client: Any, name: str, experiment_id: str) -> None:
    entry = measured_version(client, name)
    if entry is None:
        return
    number = str(entry.version)
    with _one_at_a_time():
        _settle(
            lambda: str(client.get_model_version(MODEL_NAME, number).description or ""),
            lambda: _version_text(client, entry, experiment_id),
            lambda text: client.update_model_version(MODEL_NAME, number, description=text),
        )


def _version_text(client: Any, entry: Any, experiment_id: str) -> Callable[[str], str]:
    of_run = {str(each.run_id): str(each.version) for each in versions(client)}
    validated, made = (_entries(client, experiment_id, kinds, of_run) for kinds in (VALIDATED, MADE))
    digest = entry.tags.get(BUNDLE_DIGEST, "")
    return partial(
        version_page.described,
        validations=[each for each in validated if each.facts.tags.get("validated_digest") == digest],
        updates=[each for each in made if each.facts.tags.get("parent_digest") == digest],
    )


def _updated_version(client: Any, tags: dict[str, str]) -> str:
    """Name the version that a run updated, as it is called in answers; empty where it updated none."""
    digest = tags.get("parent_digest")
    named = [each for each in versions(client) if digest and each.tags.get(BUNDLE_DIGEST) == digest]
    return version_name(str(named[0].version), str(digest)) if named else ""


def _entries(client: Any, experiment_id: str, kinds: Sequence[str], of_run: dict[str, str]) -> list[Entry]:
    """Read the finished parent runs of some kinds, the newest first."""
    runs = []
    for kind in kinds:
        whole = f"tags.kind = '{kind}' and attributes.status = 'FINISHED'"
        newest = ["attributes.start_time DESC"]
        runs += list(client.search_runs([experiment_id], whole, max_results=MOST_RUNS, order_by=newest))
    runs.sort(key=lambda run: -run.info.start_time)
    return [_entry(run, of_run.get(run.info.run_id, "")) for run in runs]


def _entry(run: Any, version: str) -> Entry:
    return Entry(
        run.info.run_id,
        datetime.fromtimestamp(run.info.start_time / 1000, UTC).isoformat(timespec="seconds"),
        run_page(run.info.experiment_id, run.info.run_id).removeprefix("/"),
        Facts(run.data.params, run.data.tags),
        run.data.metrics,
        version,
    )


def _promoted(client: Any) -> Promoted | None:
    aliases = client.get_registered_model(MODEL_NAME).aliases
    version = str(aliases.get(CHAMPION, ""))
    if not version:
        return None
    facts = version_facts(client, client.get_model_version(MODEL_NAME, version))
    forced = facts.get("forced", "no")
    return Promoted(
        version=version,
        since=facts.get("promoted_at", ""),
        by=facts.get("promoted_by", ""),
        forced="" if forced == "no" else forced,
        former=str(aliases.get(PREVIOUS, "")),
        page=page_of_version(MODEL_NAME, version).removeprefix("/"),
    )


@contextmanager
def _never_failing() -> Iterator[None]:
    """Leave a page as it is where MLflow fails or refuses."""
    with suppress(Refused), answering():
        yield


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Take turns with the other commands that use the same database file; a server has no such lock."""
    database = database_file(tracking_uri())
    if database is None:
        yield
        return
    with lock_held(database.with_name(f".{database.name}.pages.lock")):
        yield
