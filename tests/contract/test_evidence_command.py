"""`cart-outcomes evidence`: what it says, at the width of a terminal, and how it refuses."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from features.outcomes import OUTCOMES
from features.terms import TERMS
from training.commands import app as cli
from training.commands.evidence import NO_EFFECT, NO_RATE, evidence
from training.evidence.evidence_set import read_evidence
from training.evidence.prior_from_studies import published_prior
from training.learners.candidate_priors import SLOPES
from training.learners.evidence_only import Published, empty_set

OWN = (
    "outcome,term,use,measure,estimate,ci_low,ci_high,source,n,horizon_days\n"
    "severe_icans,high_burden,estimate,OR,3.0,1.5,6.0,our own series 2024,80,\n"
    "severe_icans,base_rate,estimate,rate,0.25,,,our own series 2024,80,30\n"
)


def said(outcome: str | None = None, *, width: int = 80, **options: object) -> str:
    """Print to a terminal whose output can be read."""
    told = Console(file=io.StringIO(), width=width)
    evidence(outcome, console=told, **options)  # type: ignore[arg-type]
    return told.file.getvalue()  # type: ignore[attr-defined]


def ended(monkeypatch, capsys, *words: object) -> tuple[object, str, str]:
    """Run a command: exit status, what it said and what it complained of."""
    monkeypatch.setattr(sys, "argv", ["cart-outcomes", *map(str, words)])
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    spoken = capsys.readouterr()
    return exit_.value.code, spoken.out, spoken.err


def test_an_effect_is_told_with_interval_basis_and_sources():
    """Odds ratio exp(1.2236), its 90 % interval with spread 0.3613, three studies."""
    row = next(line for line in said("relapse").splitlines() if "5 % marrow blasts or more" in line)
    assert " ".join(row.split()) == "5 % marrow blasts or more 3.40 1.88 to 6.16 3 estimates 4, 5, 6"


def test_every_source_stands_unbroken_on_a_line_of_its_own():
    """A DOI is copied from here, however narrow the terminal."""
    prior = published_prior("relapse", (365,), read_evidence())
    lines = [" ".join(line.split()[1:]) for line in said("relapse", width=60).splitlines()]
    for source in {*prior.base_sources, *(source for term in prior.terms for source in term.sources)}:
        assert source in lines


def test_every_term_is_named():
    """With an effect, or among those that no study tells of."""
    flat = "".join(said("relapse", width=200).split())
    for term in TERMS.values():
        assert "".join(term.title.split()) in flat


def test_nothing_is_wider_than_the_terminal_or_cut():
    """80 columns are enough, and nothing ends in an ellipsis."""
    shown = said()
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "…" not in shown


def test_base_rates_are_told_by_horizon():
    """From the first day to the last, with the numbers of their sources."""
    assert "30% by day 90, 39% by day 180, 48% by day 365, 53% by day 730 [1, 2, 3, 4]" in said(
        "relapse", width=200
    )


def test_an_outcome_without_effects_says_so():
    """No table of nothing."""
    shown = said("severe_icans")
    assert NO_EFFECT in shown
    assert "odds" not in shown
    assert "10.1056/NEJMoa2406526" in shown


def test_all_outcomes_are_told_without_a_name():
    """Each under its title."""
    shown = said()
    assert all(outcome.title in shown for outcome in OUTCOMES.values())


def test_a_contradiction_is_told():
    """Beside the estimate that it widens."""
    assert said("relapse").count("contradicted") == 1


def test_an_unknown_outcome_is_refused(monkeypatch, capsys):
    """Exit status 1, and the names that exist."""
    status, _, complaint = ended(monkeypatch, capsys, "evidence", "survival")
    assert status == 1
    assert complaint == "survival is not an outcome: write severe_crs, severe_icans or relapse\n"


def test_a_source_is_excluded_by_name(monkeypatch, capsys):
    """Repeated for several; citations hold commas, which do not split them."""
    names = "https://doi.org/10.1200/JCO.21.01405", "Hay 2017, Blood 130(21):2295"
    options = [word for name in names for word in ("--exclude-source", name)]
    status, shown, _ = ended(monkeypatch, capsys, "evidence", *options)
    assert status == 0
    assert "10.1200/JCO.21.01405" not in shown
    assert "Hay 2017" not in shown


def test_an_unknown_source_is_refused(monkeypatch, capsys):
    """It would otherwise count twice unnoticed."""
    status, _, complaint = ended(monkeypatch, capsys, "evidence", "--exclude-source", "10.1200/JCO.21.0140")
    assert status == 1
    assert complaint.startswith(
        "no row has the source 10.1200/JCO.21.0140: did you mean 10.1200/JCO.21.01405"
    )


def test_a_site_s_own_rows_stand_alone_where_asked(tmp_path: Path, monkeypatch, capsys):
    """One effect and one rate, and nothing else."""
    (tmp_path / "own.csv").write_text(OWN)
    options = ["--evidence-file", tmp_path / "own.csv", "--no-evidence"]
    status, shown, _ = ended(monkeypatch, capsys, "evidence", "severe_icans", *options)
    assert status == 0
    assert "25% by day 30 [1]" in shown
    assert "5 % marrow blasts or more" in shown
    assert " 1  our own series 2024\n" in shown
    assert " 2  " not in shown


def test_without_any_evidence_the_rate_claims_nothing(monkeypatch, capsys):
    """It says what it is."""
    _, shown, _ = ended(monkeypatch, capsys, "evidence", "severe_crs", "--no-evidence")
    assert NO_RATE in " ".join(shown.split())
    assert NO_EFFECT in shown
    assert "Sources" not in shown


def test_a_malformed_file_is_refused(tmp_path: Path, monkeypatch, capsys):
    """With every problem, exit status 1."""
    (tmp_path / "own.csv").write_text(OWN.replace("OR,3.0", "HR,7.0").replace("0.25", "25"))
    status, _, complaint = ended(monkeypatch, capsys, "evidence", "--evidence-file", tmp_path / "own.csv")
    assert status == 1
    assert complaint == (
        "own.csv: 2 problems\n"
        "  estimate must be within its interval, got 7.0 (row 2): the interval is 1.5 to 6\n"
        "  estimate must be a number above 0 and below 1, got 25 (row 3)\n"
    )


def test_the_example_of_the_documentation_is_read(tmp_path: Path):
    """The block of docs/model.md: an estimate that is pooled, a new direction, and a rate."""
    text = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    file = tmp_path / "own.csv"
    file.write_text(text.split("```csv\n")[1].split("```")[0], encoding="utf-8")
    before, after = (published_prior("severe_crs", (30,), read_evidence(extra)) for extra in (None, file))
    bases = {term.term: (old.basis, term.basis) for old, term in zip(before.terms, after.terms, strict=True)}
    assert bases["high_burden"] == ("direction", "estimate")
    assert bases["log2_ferritin"] == ("none", "direction")
    assert after.base_rate[0] > before.base_rate[0]


def test_the_method_states_how_much_of_the_published_effects_a_model_without_patients_keeps():
    """Every coefficient keeps the same share: the mean slope of the candidates times one common factor."""
    project = Path(__file__).parents[2]
    method, readme = ((project / name).read_text("utf-8") for name in ("docs/model.md", "README.md"))
    slope = sum(slope * mass for slope, _, mass in SLOPES)
    shares = {}
    for outcome in OUTCOMES:
        learner, nobody = Published(read_evidence()), empty_set(outcome, OUTCOMES[outcome].horizons_days)
        model = learner.fit(nobody, learner.choose(nobody, np.random.default_rng(1)))
        effects = model.linear.prior_mean != 0
        assert not model.linear.coefficients[~effects].any()
        kept = model.linear.coefficients[effects] / model.linear.prior_mean[effects]
        np.testing.assert_allclose(kept, model.evidence_weight, rtol=1e-9)
        if effects.any():
            shares[outcome] = model.evidence_weight
    assert list(shares) == ["severe_crs", "relapse"]
    rows = ([slope] * len(shares), [share / slope for share in shares.values()], list(shares.values()))
    for row in rows:
        cells = " | ".join(f"{value:.3f}".removeprefix("0") for value in row)
        assert f" | {cells} |\n" in method
    crs, relapse = (f"{share:.0%}".replace("%", " %") for share in shares.values())
    stated = f"{crs} (severe CRS) and {relapse} (relapse) of the published effects"
    assert stated in readme
    assert stated in method
