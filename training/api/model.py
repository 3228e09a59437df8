"""A fitted model as an object of the library: what it predicts, what is known of its validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

import pandas as pd

from features.measures import IN_LEAGUE, decimals, short_title
from features.outcomes import OUTCOMES
from features.problems import counted
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from serving.model.figure_text import fixed
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import released_bundle, verified_bundle
from serving.model.validation_summary import OutcomeSummary
from serving.model.write_bundle import copy_bundle, write_bundle
from training.comparison.training_recipe import Recipe
from training.dataset.known_names import known

RELEASED = "released"
"""Names the model that `cart-outcomes promote` released on this machine."""
LONGEST_NAME = 40
"""Characters of a cohort's name that a representation shows."""
SYNTHETIC = "SYNTHETIC, not for patients"


@dataclass(frozen=True, repr=False, eq=False)
class Model:
    """Models of several outcomes, as they are served.

    Parameters
    ----------
    bundle : Bundle
        As the service reads it. It has no row of a patient.
    recipe : Recipe
        Settings of the training, by which `compare` repeats its cross-validation.
    source : Bundle or Path, optional
        The bundle as it was trained, or the folder that it was read from, so that `save` keeps its digest.

    Examples
    --------
    >>> from training.api import fit
    >>> model = fit(None, outcomes=["severe_crs"])
    >>> model.outcomes
    ('severe_crs',)
    >>> model.status["status"].tolist()
    ['published evidence only']
    """

    bundle: Bundle
    recipe: Recipe | None = None
    source: Bundle | Path | None = None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes that it predicts, by name."""
        return tuple(self.bundle.models)

    @property
    def status(self) -> pd.DataFrame:
        """A row an outcome: learner, horizons, numbers of infusions and events, and what may be claimed."""
        return pd.DataFrame([self._status(name) for name in self.outcomes]).set_index("outcome")

    @property
    def metrics(self) -> pd.DataFrame:
        """Out-of-fold measures with their 90 % intervals: a row an outcome, horizon and measure."""
        rows = [row for name in self.outcomes for row in self._metrics(name)]
        columns = ["outcome", "horizon_days", "measure", "value", "low", "high"]
        return pd.DataFrame(rows, columns=columns)

    def calibration(self, outcome: str) -> pd.DataFrame:
        """Give the calibration curve of the headline horizon, out of fold.

        Parameters
        ----------
        outcome : str

        Returns
        -------
        curve : DataFrame
            ``risk``, ``observed`` and its 90 % band, ``low`` to ``high``; no rows without validation.
        """
        curve = self.summary(outcome).calibration
        columns = ("risk", "observed", "low", "high")
        stated = {name: getattr(curve, name) if curve is not None else () for name in columns}
        return pd.DataFrame(stated, dtype=float)

    def save(self, folder: str | Path) -> Path:
        """Write the model as a bundle folder, which ``cart-outcomes serve --bundle`` and `load` read.

        Parameters
        ----------
        folder : str or Path
            Replaced where it already holds a bundle.

        Returns
        -------
        folder : Path
            With the digest of the model.

        Raises
        ------
        BundleError
            If the folder exists and is not a bundle, or cannot be written.
        """
        target = Path(folder)
        if not isinstance(self.source, Path):
            write_bundle(self.source or self.bundle, target)
            return target
        copy_bundle(self.source, target)
        return target

    def summary(self, outcome: str) -> OutcomeSummary:
        """Give all that is known of an outcome's model."""
        return self.bundle.summaries[known("outcome", (outcome,), self.outcomes)[0]]

    @cached_property
    def scorer(self) -> Scorer:
        """What answers for patients, prepared once: the same as in the HTTP service."""
        return Scorer(self.bundle)

    def __repr__(self) -> str:
        return f"Model({', '.join([self._version, self._cohort, ', '.join(self.outcomes)])})"

    def _repr_html_(self) -> str:
        """Show a notebook each outcome with its status and the first measures."""
        heads = "".join(f"<th>{escape(short_title(name))}</th>" for name in IN_LEAGUE)
        rows = "".join(self._html_row(name) for name in self.outcomes)
        return (
            f"<p>{escape(f'Model: {self._version}, {self._cohort}')}</p>"
            f"<table><tr><th>outcome</th><th>model</th><th>status</th>{heads}</tr>{rows}</table>"
        )

    def _html_row(self, name: str) -> str:
        summary, model = self.bundle.summaries[name], self.bundle.models[name]
        measures = summary.metrics.get(model.horizons_days[0], {})
        texts = [name, model.method, summary.status]
        for measure in IN_LEAGUE:
            value = measures[measure].value if measure in measures else None
            texts.append("" if value is None else fixed(value, decimals(measure)))
        return f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in texts)}</tr>"

    @property
    def _version(self) -> str:
        return f"version {self.bundle.version_name}" if self.bundle.digest else "not written yet"

    @property
    def _cohort(self) -> str:
        cohort = self.bundle.cohort
        if not cohort.trained:
            return "published evidence only"
        name = cohort.name if len(cohort.name) <= LONGEST_NAME else f"{cohort.name[:LONGEST_NAME]}..."
        synthetic = f" ({SYNTHETIC})" if cohort.synthetic else ""
        return f"{counted(cohort.n_infusions, 'infusion')} of {name}{synthetic}"

    def _status(self, name: str) -> dict[str, object]:
        summary, model = self.bundle.summaries[name], self.bundle.models[name]
        return {
            "outcome": name,
            "title": OUTCOMES[name].title,
            "model": model.method,
            "horizons_days": model.horizons_days,
            "n_infusions": summary.n_infusions,
            "n_events": summary.n_events,
            "evidence_weight": model.evidence_weight,
            "status": str(summary.status),
            "reasons": "; ".join(summary.status_reasons),
        }

    def _metrics(self, name: str) -> Iterator[tuple[object, ...]]:
        for days, measures in self.bundle.summaries[name].metrics.items():
            for measure, figure in measures.items():
                yield name, days, measure, figure.value, figure.low, figure.high


def load(source: str | Path = RELEASED) -> Model:
    """Read a model: from a bundle folder, or as it was released or registered.

    Parameters
    ----------
    source : str or Path
        A bundle folder; ``released`` for the model that ``cart-outcomes promote`` released on this machine;
        or a version of MLflow's registry, by number or alias (``champion``).

    Returns
    -------
    model : Model
        Verified by its digests. From a folder without its training's settings, so that `compare` cannot
        repeat a cross-validation.

    Raises
    ------
    BundleError
        If the bundle is missing, damaged or altered.
    TrackingError
        If there is no such version, or MLflow cannot be reached.
    """
    if str(source) == RELEASED:
        return _from_folder(released_bundle())
    if Path(source).is_dir() or len(Path(source).parts) > 1:
        return _from_folder(Path(source))
    # MLflow takes seconds to import.
    from training.tracking.model_registry import registered_bundle
    from training.tracking.registered_recipe import registered_recipe

    folder = registered_bundle(str(source))[1]
    bundle = read_bundle(folder)
    return Model(bundle, registered_recipe(bundle.provenance["run_id"], bundle.version), folder)


def as_model(model: Model | str | Path) -> Model:
    """Give a model, also one that is named as for `load`."""
    return model if isinstance(model, Model) else load(model)


def _from_folder(folder: Path) -> Model:
    return Model(verified_bundle(folder), source=folder)
