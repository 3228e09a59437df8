"""What a promotion writes to MLflow: tags, note and report of the version, and the aliases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mlflow.tracking.context.registry import resolve_tags
from mlflow.utils.mlflow_tags import MLFLOW_USER

from training.release.champion_note import described
from training.tracking.model_registry import BUNDLE_DIGEST, CHAMPION, PREVIOUS, RELEASE_DIGEST
from training.tracking.runs import MODEL_NAME, answering, connected
from training.tracking.training_run import active_run
from training.tracking.version_facts import add_facts


@dataclass(frozen=True)
class Promotion:
    """What is recorded with a version that is promoted.

    Attributes
    ----------
    digest, release_digest : str
        Of the bundle and of all files of the release; empty is not recorded.
    note : str
        Why it is champion, for its page; in place of that of an earlier promotion.
    files : mapping of str to str
        Texts to keep with the run that it was trained in, by path; left out where the run was deleted.
    forced : str or None
        Why it is promoted despite failed checks; None if all passed.
    reasons : sequence of str
        The failed checks.
    """

    digest: str = ""
    release_digest: str = ""
    note: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    forced: str | None = None
    reasons: Sequence[str] = ()

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the version, with the two digests of its registration five at most."""
        return {
            "promoted_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "forced": self.forced or "no",
            **({BUNDLE_DIGEST: self.digest} if self.digest else {}),
            **({RELEASE_DIGEST: self.release_digest} if self.release_digest else {}),
        }

    @property
    def facts(self) -> dict[str, str]:
        """Tags of its logged model."""
        return {
            "promoted_by": promoter(),
            "forced_although": "; ".join(self.reasons) or "no reason",
        }


def promoter() -> str:
    """Name who promotes, as MLflow names who starts a run; empty where the machine does not know."""
    return str(resolve_tags().get(MLFLOW_USER, ""))


def record_promotion(version: str, promotion: Promotion) -> None:
    """Write tags, report and note of a version; it is not champion yet.

    Parameters
    ----------
    version : str
        Number in the registry.
    promotion : Promotion

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses.
    """
    with answering(), connected() as client:
        entry = client.get_model_version(MODEL_NAME, version)
        for name, value in promotion.tags.items():
            client.set_model_version_tag(MODEL_NAME, version, name, value)
        add_facts(client, str(entry.source), promotion.facts)
        if promotion.files and active_run(client, str(entry.run_id)) is not None:
            for path, text in promotion.files.items():
                client.log_text(str(entry.run_id), text, path)
        if promotion.note:
            words = described(entry.description or "", promotion.note)
            client.update_model_version(MODEL_NAME, version, description=words)


def set_champion(
    version: str,
    *,
    note: str = "",
    files: Mapping[str, str] | None = None,
    forced: str | None = None,
    reasons: Sequence[str] = (),
) -> None:
    """Make a version the champion in MLflow alone, with what `Promotion` records."""
    record_promotion(version, Promotion(note=note, files=files or {}, forced=forced, reasons=reasons))
    point_champion(version)


def point_champion(version: str) -> None:
    """Set the alias `champion`.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses.
    """
    with answering(), connected() as client:
        client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)


def point_previous(version: str) -> None:
    """Set the alias `previous`, where that version is still registered.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses.
    """
    with answering(), connected() as client:
        if version in {str(each.version) for each in client.search_model_versions(_ALL)}:
            client.set_registered_model_alias(MODEL_NAME, PREVIOUS, version)


def artifacts_page(version: str) -> str:
    """Name the page of MLflow that lists the artifacts of the run which a version was trained in.

    Parameters
    ----------
    version : str

    Returns
    -------
    page : str
        Begins with ``#``: a link from any page of the same MLflow, wherever it is served. Empty where the run
        was deleted.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses.
    """
    with answering(), connected() as client:
        run = active_run(client, str(client.get_model_version(MODEL_NAME, version).run_id))
    return f"#/experiments/{run.info.experiment_id}/runs/{run.info.run_id}/artifacts" if run else ""


_ALL = f"name = '{MODEL_NAME}'"
