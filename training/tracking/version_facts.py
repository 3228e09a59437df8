"""What is recorded of a version beyond its own tags: with its logged model, which outlives the run.

A version has five tags at most, so that its page can be read. All others are tags of its logged model, and a
file among its artifacts has them too.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlflow.exceptions import MlflowException

from features.outcomes import OUTCOMES
from training.records.outbox import KeptRun

LOGGED_MODEL = "models:/"
FACTS_FILE = "recorded.json"
"""Name, parameters and tags of the training, beside the files of the model."""
OUTCOMES_TAG = "chosen."
"""Opens the tags that name the model of each outcome."""


def keep_facts(client: Any, model_id: str, parent: KeptRun) -> None:
    """Record the tags of a training with its logged model, and all its facts among the artifacts.

    Parameters
    ----------
    client : MlflowClient
    model_id : str
    parent : KeptRun
        The parent run.
    """
    client.set_logged_model_tags(model_id, dict(parent.tags))
    facts = {"name": parent.name, "parameters": parent.parameters, "tags": parent.tags}
    _log_text(client, model_id, json.dumps(facts, indent=1))


def add_facts(client: Any, source: str, facts: Mapping[str, str]) -> None:
    """Add tags to the logged model of a version; a version without one gets none.

    Parameters
    ----------
    client : MlflowClient
    source : str
        Of the version, ``models:/`` and the id of its logged model.
    facts : mapping of str to str
    """
    if source.startswith(LOGGED_MODEL):
        client.set_logged_model_tags(source.removeprefix(LOGGED_MODEL), dict(facts))


def version_facts(client: Any, version: Any) -> dict[str, str]:
    """Read the facts of a version: its own tags, and those of its logged model.

    Parameters
    ----------
    client : MlflowClient
    version : ModelVersion
        Of any release: the first one recorded every fact as a tag of the version.

    Returns
    -------
    facts : dict of str to str
    """
    source = str(version.source)
    logged: dict[str, str] = {}
    if source.startswith(LOGGED_MODEL):
        try:
            logged = dict(client.get_logged_model(source.removeprefix(LOGGED_MODEL)).tags)
        except MlflowException:
            logged = {}
    return {**logged, **version.tags}


def outcomes_of(facts: Mapping[str, str]) -> tuple[str, ...]:
    """Name the outcomes of a version in their usual order, one that is no longer known last.

    Examples
    --------
    >>> outcomes_of({"chosen.relapse": "ridge", "chosen.another": "ridge", "chosen.severe_crs": "ridge"})
    ('severe_crs', 'relapse', 'another')
    """
    named = [tag.removeprefix(OUTCOMES_TAG) for tag in facts if tag.startswith(OUTCOMES_TAG)]
    known = list(OUTCOMES)
    return tuple(sorted(named, key=lambda name: known.index(name) if name in known else len(known)))


def _log_text(client: Any, model_id: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / FACTS_FILE
        file.write_text(text, encoding="utf-8")
        client.log_model_artifact(model_id, str(file))
