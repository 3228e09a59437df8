"""The recipe of a registered version, read from its run or from the version itself."""

from __future__ import annotations

from serving.model.bundle import Bundle
from training.comparison.training_recipe import Recipe, recipe_of
from training.tracking.model_registry import champion_bundle
from training.tracking.runs import MODEL_NAME, answering, connected
from training.tracking.store import TrackingError
from training.tracking.training_run import active_run, logged_parameters
from training.tracking.version_facts import version_facts


def registered_recipe(run_id: str, version: str = "") -> Recipe:
    """Read the recipe of a version from its run, or from the version where the run was deleted.

    Parameters
    ----------
    run_id : str
        As the bundle's provenance names it.
    version : str
        Number in the registry.

    Returns
    -------
    recipe : Recipe

    Raises
    ------
    TrackingError
        If there is neither such a run nor such a version, or MLflow cannot be reached.
    """
    with answering(), connected() as client:
        run = active_run(client, run_id)
        if run is not None:
            return recipe_of(run.data.params, run.data.tags)
        kept = client.get_model_version(MODEL_NAME, version)
        return recipe_of(logged_parameters(client, str(kept.source)), version_facts(client, kept))


def champion_and_recipe() -> tuple[Bundle | None, Recipe | None]:
    """Fetch the champion to compare a training with, and how it was made.

    Returns
    -------
    champion : Bundle or None
        None where nothing was promoted yet, or it cannot be read.
    recipe : Recipe or None
        None where its run cannot be read either; a training does not fail for that.
    """
    champion = champion_bundle()
    if champion is None:
        return None, None
    try:
        return champion, registered_recipe(champion.provenance["run_id"], champion.version)
    except (KeyError, TrackingError):
        return champion, None
