"""A league table: models and baselines of each outcome by out-of-fold log loss, with the paired gain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from features.measures import GAIN, IN_LEAGUE, MEASURES
from features.outcomes import OUTCOMES
from serving.model.figure_text import measured
from serving.model.measured import Measured
from training.fitting.fit_outcome import FittedOutcome
from training.records.league_file import IN_FILE, LeagueEntry
from training.validation.cross_validation import Validation, log_loss_gain

PREVALENCE = "prevalence"
HEADINGS = ("", "model", *(MEASURES[name].short_title for name in IN_LEAGUE))
IN_BUNDLE = " *"
NOTE = r"\* in the bundle. Out-of-fold metrics with 90 % intervals; a gain above 0 beats the prevalence."


def training_league(outcomes: Mapping[str, FittedOutcome]) -> list[LeagueEntry]:
    """Rank the models and baselines of a training, outcome by outcome.

    Parameters
    ----------
    outcomes : mapping of str to FittedOutcome

    Returns
    -------
    entries : list of LeagueEntry
        Without those that were not validated.
    """
    entries: list[LeagueEntry] = []
    for name, fitted in outcomes.items():
        validations = {
            each: model.validation for each, model in fitted.models.items() if model.validation is not None
        }
        entries += league(name, {**validations, **fitted.baselines}, chosen=fitted.chosen)
    return entries


def league(outcome: str, validations: Mapping[str, Validation], *, chosen: str) -> list[LeagueEntry]:
    """Rank models and baselines that were validated in the same folds.

    Parameters
    ----------
    outcome : str
    validations : mapping of str to Validation
        The prevalence among them, or there is no gain.
    chosen : str
        The one in the bundle.

    Returns
    -------
    entries : list of LeagueEntry
        The lowest log loss first, the model before the baseline of an equal one.
    """
    prevalence = validations.get(PREVALENCE)
    ranked = sorted(validations, key=lambda name: validations[name].headline_log_loss)
    return [
        LeagueEntry(
            outcome,
            validations[name].horizons_days[0],
            rank,
            name,
            name == chosen,
            _measures(validations[name], prevalence),
        )
        for rank, name in enumerate(ranked, start=1)
    ]


def league_tags(entries: Sequence[LeagueEntry]) -> dict[str, str]:
    """Say for each outcome, in a tag, why its model is in the bundle: the log loss of every candidate.

    Examples
    --------
    >>> figures = {"log_loss": Measured(0.5)}
    >>> league_tags([LeagueEntry("relapse", 365, rank, name, rank == 1, figures)
    ...              for rank, name in enumerate(("ridge", "easix"), start=1)])
    {'log_losses.relapse': 'ridge* 0.500, easix 0.500'}
    """
    words: dict[str, list[str]] = {}
    for entry in entries:
        loss = measured(Measured(entry.measures["log_loss"].value))
        name = f"{entry.model}{'*' if entry.chosen else ''}"
        words.setdefault(f"log_losses.{entry.outcome}", []).append(f"{name} {loss}")
    return {name: ", ".join(each) for name, each in words.items()}


def league_markdown(entries: Sequence[LeagueEntry]) -> str:
    r"""Write the table for a run's description, one part per outcome; empty where nothing was validated.

    Examples
    --------
    >>> figures = {"log_loss": Measured(0.5), "log_loss_gain_over_prevalence": Measured(0.02, 0.01, 0.04),
    ...            "auroc": Measured(0.7)}
    >>> print(league_markdown([LeagueEntry("severe_crs", 30, 1, "ridge", True, figures)]))
    **severe CRS (grade 3 or higher) by day 30**, models and baselines by log loss
    <BLANKLINE>
    |  | model | log loss | gain over prevalence | AUROC |
    | --- | --- | --- | --- | --- |
    | 1 | ridge * | 0.500 | 0.020 (0.010 to 0.040) | 0.700 |
    <BLANKLINE>
    \* in the bundle. Out-of-fold metrics with 90 % intervals; a gain above 0 beats the prevalence.
    """
    if not entries:
        return ""
    parts = [_part([entry for entry in entries if entry.outcome == name]) for name in _outcomes(entries)]
    return "\n\n".join([*parts, NOTE])


def _measures(validation: Validation, prevalence: Validation | None) -> dict[str, Measured]:
    headline = validation.metrics[validation.horizons_days[0]]
    gain = log_loss_gain(validation, prevalence) if prevalence is not None else Measured(None)
    return {**{name: headline.get(name, Measured(None)) for name in IN_FILE}, GAIN: gain}


def _outcomes(entries: Iterable[LeagueEntry]) -> list[str]:
    return list(dict.fromkeys(entry.outcome for entry in entries))


def _part(entries: Sequence[LeagueEntry]) -> str:
    title = f"**{OUTCOMES[entries[0].outcome].title} by day {entries[0].horizon_days}**"
    rows = [
        (
            str(entry.rank),
            f"{entry.model}{IN_BUNDLE if entry.chosen else ''}",
            *(measured(entry.measures[name]) for name in IN_LEAGUE),
        )
        for entry in entries
    ]
    rule = " | ".join("---" for _ in HEADINGS)
    lines = [" | ".join(HEADINGS), rule, *(" | ".join(row) for row in rows)]
    return "\n".join([f"{title}, models and baselines by log loss", "", *(f"| {line} |" for line in lines)])
