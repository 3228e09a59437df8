"""`cart-outcomes evidence`: what it says, at the width of a terminal, and how it refuses."""

from __future__ import annotations

import dataclasses
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from features.outcomes import OUTCOMES
from features.products import PRODUCTS
from features.terms import LEVEL_TERMS, TERMS
from training.commands import app as cli
from training.commands.evidence import NO_EFFECT, NO_RATE, evidence, show_prior
from training.evidence.effective_sample_size import effective_sample_sizes
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior import Prior
from training.evidence.prior_from_studies import published_prior
from training.learners.candidate_priors import SLOPES
from training.learners.evidence_only import Published, empty_set

OWN = (
    "outcome,term,use,measure,estimate,ci_low,ci_high,source,n,horizon_days\n"
    "severe_icans,disease_burden,estimate,OR,3.0,1.5,6.0,our own series 2024,80,\n"
    "severe_icans,base_rate,estimate,rate,0.25,,,our own series 2024,80,30\n"
)


def said(outcome: str | None = None, *, width: int = 80, **options: object) -> str:
    """Print to a terminal whose output can be read."""
    told = Console(file=io.StringIO(), width=width)
    evidence(outcome, console=told, **options)  # type: ignore[arg-type]
    return told.file.getvalue()  # type: ignore[attr-defined]


def printed(prior: Prior, known: Evidence) -> str:
    """Print a prior of other evidence than the literature."""
    told = Console(file=io.StringIO(), width=200)
    show_prior(prior, known, told)
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
    """Odds ratio and its 90 % interval of the prior, what it is worth, two studies."""
    shown = said("relapse", width=200).splitlines()
    row = next(line for line in shown if TERMS["disease_burden"].title in line)
    words = row.replace(TERMS["disease_burden"].title, "")
    assert " ".join(words.split()) == "2.96 1.53 to 5.71 204 2 estimates 13, 17"


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
    sources = ", ".join(str(number) for number in range(1, 17))
    assert f"32% by day 90, 41% by day 180, 50% by day 365, 55% by day 730 [{sources}]" in said(
        "relapse", width=200
    )


def test_an_outcome_without_effects_says_so():
    """Products are compared by their rates all the same; there is no table of nothing."""
    evidence = read_evidence()
    without = Evidence((), evidence.base_rates)
    shown = printed(published_prior("severe_icans", (30,), without), without)
    assert NO_EFFECT in shown
    assert "Share of each source" not in shown
    assert "10.1056/NEJMoa2406526" in shown


@pytest.mark.parametrize(
    "outcome",
    sorted({row.outcome for row in read_evidence().effects if row.use in ("estimate", "direction")}),
)
def test_an_outcome_with_effects_does_not_say_that_it_has_none(outcome: str):
    """Every outcome has published effects."""
    shown = said(outcome, width=200)
    assert NO_EFFECT not in shown
    assert NO_RATE not in shown


def test_an_effect_of_constructs_alone_is_an_effect():
    """A comparison of CD28 with 4-1BB is pooled with the rates of products."""
    row = next(row for row in read_evidence().effects if row.id == "E090")
    known = Evidence((dataclasses.replace(row, term="cd28_construct", per="CD28 vs 4-1BB"),), ())
    shown = printed(published_prior("severe_icans", (30,), known), known)
    assert NO_EFFECT not in shown
    assert "rates, 1 estimate" in shown


def test_the_literature_is_counted_in_infusions():
    """Base rate, products, effects and shrinkage, as the effective sample sizes have them."""
    shown = said("severe_crs", width=200)
    sizes = effective_sample_sizes(published_prior("severe_crs", (30,), read_evidence()))
    assert f"The literature counts as {sizes.base_rate:.0f} infusions." in shown
    assert f"worth {sizes.terms['age']:.0f} infusions each" in shown
    (product,) = [
        line.split()
        for line in shown.splitlines()
        if line.startswith("  tisagenlecleucel  ") and "to" in line
    ]
    assert product[5] == f"{sizes.products['tisagenlecleucel']:.0f}"


def test_the_share_of_each_study_is_shown_with_the_odds_ratio_without_it():
    """Two studies of inotuzumab: the heavier one takes the odds ratio with it."""
    shown = said("relapse", width=200).split("Share of each source")[1].splitlines()
    at = next(number for number, line in enumerate(shown) if TERMS["inotuzumab"].title in line)
    first, second = (line.split()[-3:] for line in shown[at : at + 2])
    assert (first, second) == (["19", "82%", "1.15"], ["17", "18%", "1.24"])


def test_rates_of_products_are_shown_without_each_source():
    """FELIX, source 3, is the only one of obecabtagene."""
    lines = [line.split() for line in said("severe_crs", width=200).splitlines()]
    head = next(number for number, words in enumerate(lines) if words[:1] == ["(all)"])
    whole = lines[head]
    rows = {words[0]: words for words in lines[head + 1 : head + 12]}
    assert list(rows) == [str(number) for number in range(1, 12)]
    at = 2 + list(PRODUCTS).index("obecabtagene")
    rates = {source: float(words[at].rstrip("%")) for source, words in rows.items()}
    assert max(rates, key=rates.get) == "3"  # type: ignore[arg-type]
    assert rates["3"] > 1.5 * float(whole[at].rstrip("%"))


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("options", [{}, {"literature": False}])
def test_every_width_holds_every_word(width: int, options: dict[str, bool]):
    """Nothing is cut, and no line is wider than the terminal."""
    shown = said(width=width, **options)
    assert all(len(line) <= width for line in shown.splitlines())
    assert "…" not in shown


def test_all_outcomes_are_told_without_a_name():
    """Each under its title."""
    shown = said()
    assert all(outcome.title in shown for outcome in OUTCOMES.values())


def test_a_contradiction_is_told():
    """Beside the estimate that it widens."""
    evidence = read_evidence()
    row = next(row for row in evidence.effects if row.id == "E072")
    against = dataclasses.replace(row, term="prior_allo_hsct", direction=-1)
    known = dataclasses.replace(evidence, effects=(*evidence.effects, against))
    assert "contradicted" not in said("relapse")
    shown = printed(published_prior("relapse", (365,), known), known)
    assert shown.count("contradicted") == 1


def test_an_outcome_that_only_some_can_have_says_whose_rates_they_are():
    """And what each published rate becomes, with the base rate among all."""
    known = read_evidence()
    shown = " ".join(printed(published_prior("death_without_relapse", (365,), known), known).split())
    among = "among patients who responded and have no relapse or progression"
    assert f"Base rate {among}: " in shown
    assert (
        "Among all infused patients, composed with the rate of no response, relapse or progression" in shown
    )
    both = " ".join(said("crs_grade_2_or_higher").split())
    assert "composed with the rate of severe CRS (grade 3 or higher): " in both
    assert "B75: 2.9% of 137 (all infused) by day 100 becomes " in shown
    assert "Base rate among all infused patients: " in printed(
        published_prior("relapse", (365,), known), known
    )


def test_an_unknown_outcome_is_refused(monkeypatch, capsys):
    """Exit status 1, and the names that exist."""
    status, _, complaint = ended(monkeypatch, capsys, "evidence", "survival")
    assert status == 1
    *names, last = OUTCOMES
    assert complaint == f"survival is not an outcome: write {', '.join(names)} or {last}\n"


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
    assert "27% by day 30 [1]" in shown
    assert "1 estimate" in shown
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
    assert bases["disease_burden"] == ("direction", "estimate")
    assert bases["log2_ferritin"] == ("none", "direction")
    assert set(after.base_sources) - set(before.base_sources) == {"our series 2019 to 2023"}


def test_the_method_states_how_much_of_the_published_effects_a_model_without_patients_keeps():
    """Every coefficient keeps the same share: the mean slope of the candidates times one common factor."""
    project = Path(__file__).parents[2]
    method, readme = ((project / name).read_text("utf-8") for name in ("docs/model.md", "README.md"))
    slope = sum(slope * mass for slope, _, mass in SLOPES)
    shares = {}
    for outcome in (name for name, each in OUTCOMES.items() if each.main):
        learner, nobody = Published(read_evidence()), empty_set(outcome, OUTCOMES[outcome].horizons_days)
        model = learner.fit(nobody, learner.choose(nobody, np.random.default_rng(1)))
        of_product = np.array([term in LEVEL_TERMS for term in model.linear.terms])
        effects = (model.linear.prior_mean != 0) & ~of_product
        assert not model.linear.coefficients[~effects & ~of_product].any()
        kept = model.linear.coefficients[effects] / model.linear.prior_mean[effects]
        np.testing.assert_allclose(kept, model.evidence_weight, rtol=1e-9)
        if effects.any():
            shares[outcome] = model.evidence_weight
    assert list(shares) == ["severe_crs", "severe_icans", "relapse"]
    rows = ([slope] * len(shares), [share / slope for share in shares.values()], list(shares.values()))
    for row in rows:
        cells = " | ".join(f"{value:.3f}".removeprefix("0") for value in row)
        assert f" | {cells} |\n" in method
    crs, icans, relapse = (f"{share:.0%}".replace("%", " %") for share in shares.values())
    stated = f"{crs} (severe CRS), {icans} (severe ICANS) and {relapse} (relapse) of the published effects"
    assert stated in readme
    assert stated in method


def test_the_method_states_what_the_literature_is_worth():
    """Figures of docs/model.md."""
    method = " ".join((Path(__file__).parents[2] / "docs" / "model.md").read_text("utf-8").split())
    sizes = {
        outcome: effective_sample_sizes(published_prior(outcome, entry.horizons_days, read_evidence()))
        for outcome, entry in OUTCOMES.items()
    }
    crs, icans, relapse = (sizes[name] for name in ("severe_crs", "severe_icans", "relapse"))
    shrunk = (crs.terms["male"], icans.terms["male"], relapse.terms["male"])
    for words in (
        f"severe CRS counts as {crs.base_rate:.0f} infusions",
        f"tisagenlecleucel as {crs.products['tisagenlecleucel']:.0f}",
        f"disease burden on relapse as {relapse.terms['disease_burden']:.0f}.",
        "counts as {:.0f} (severe CRS), {:.0f} (severe ICANS) and {:.0f} (relapse) infusions".format(*shrunk),
    ):
        assert words in method
