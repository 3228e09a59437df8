"""The benchmark's summary: the best peer, the ratio, the goals, the picture."""

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks import summary
from tests.benchmarks.cells import read_results, summarize
from tests.benchmarks.goals import Goal, goals, harmed_share
from tests.benchmarks.results import Result, append

N_COHORTS = 4


@pytest.fixture
def file(tmp_path):
    """Write four cohorts of two cells: anchored .02 to .05, ridge twice, boosting thrice, prevalence .1."""
    rows = []
    for n in (30, 120):
        for cohort in range(N_COHORTS):
            own = 0.02 + 0.01 * cohort
            place = ("right", "relapse", n, cohort)
            measured = {"slope": 1.1, "seconds": 0.1, "fell_back": 0}
            rows += [
                Result(*place, "anchored", "own", own, **measured, coverage=0.9, width=0.3, additivity=1e-9),
                Result(*place, "ridge", "own", 2 * own, **measured),
                Result(*place, "xgboost", "terms", 3 * own, **measured),
                Result(*place, "xgboost", "raw", 4 * own, **measured),
                Result(*place, "published", "own", 0.001, **measured),
                Result(*place, "prevalence", "terms", 0.1, **measured),
            ]
    append(tmp_path / "results.csv", rows)
    return tmp_path / "results.csv"


def test_ratio_is_to_the_best_peer_which_published_is_not(file):
    cell = summarize(read_results(file), "anchored")[0]
    assert (cell.world, cell.outcome, cell.n, cell.n_cohorts) == ("right", "relapse", 30, N_COHORTS)
    assert cell.peer == "ridge"
    assert cell.excess == pytest.approx(0.035)
    assert cell.ratio == pytest.approx(0.5)
    assert (cell.low, cell.high) == (pytest.approx(0.5), pytest.approx(0.5))
    assert (cell.prevalence, cell.ridge) == (pytest.approx(0.1), pytest.approx(0.07))
    assert (cell.coverage, cell.slope) == (pytest.approx(0.9), pytest.approx(1.1))


def test_only_cohorts_that_all_were_fitted_on_count(file):
    results = read_results(file)
    lacking = results[~((results["learner"] == "ridge") & (results["cohort"] == 3))]
    cell = summarize(lacking, "anchored")[0]
    assert cell.n_cohorts == N_COHORTS - 1
    assert cell.excess == pytest.approx(0.03)


def test_interval_of_the_ratio_holds_the_ratio_where_cohorts_differ(file):
    results = read_results(file)
    noise = np.random.default_rng(1).uniform(0.5, 1.5, len(results))
    cell = summarize(results.assign(excess=results["excess"] * noise), "anchored")[0]
    assert cell.low < cell.ratio < cell.high


def test_goals_are_met_missed_or_not_measured(file):
    results = read_results(file)
    by_title = {goal.title: goal for goal in goals(results, summarize(results, "anchored"), "anchored")}
    assert by_title["right, relapse, n = 30: ratio to the best peer"].met is True
    assert by_title["right, severe_crs, n = 30: ratio to the best peer"].met is None
    assert by_title["right, relapse, n = 30: coverage of the 90 % interval"].met is True
    assert by_title["right, relapse, n = 120: median slope"].met is True
    assert by_title["reference and contributions against logit(risk)"].met is True
    assert Goal("ratio", 0.0, 0.7, 0.71).met is False


def test_harm_is_counted_by_cohort(file):
    results = read_results(file)
    assert harmed_share(results, "anchored") == 0.0
    worse = results.assign(
        excess=np.where(
            (results["learner"] == "anchored") & (results["cohort"] == 0), 0.1301, results["excess"]
        )
    )
    assert harmed_share(worse, "anchored") == 1 / N_COHORTS


def test_summary_is_written_with_its_picture(file, tmp_path, capsys):
    text, picture = tmp_path / "out.md", tmp_path / "out.png"
    summary.main([str(file), "--markdown", str(text), "--picture", str(picture)])
    assert "| right | relapse | 30 | 4 | 0.0350 | ridge | 0.0700 | **0.50** |" in text.read_text()
    assert "xgboost (raw)" in text.read_text()
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "not measured." in capsys.readouterr().out


def test_a_table_without_the_subject_is_refused(file):
    rest = pd.read_csv(file).query("learner != 'anchored'")
    rest.to_csv(file, index=False)
    with pytest.raises(SystemExit, match="has no cohort with anchored and a peer"):
        summary.main([str(file)])
