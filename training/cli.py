"""The command line: names, options and exit status; each command's work is in `training.commands`.

Heavy imports stand inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from features.problems import Refused
from training import intake_cli

DEFAULT_SEED = 20260101
STOPPED = 130
"""Exit status after Ctrl-C."""

app = typer.Typer(
    name="cart-outcomes",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Outcome prediction for CAR T-cell therapy in B-ALL. Research software, not a medical device.",
)

# Typer would end an unreadable file as a usage error; ours says why, and is a refusal.
CohortFile = Annotated[
    Path, typer.Argument(readable=False, help="CSV, Parquet or Excel in the schema's columns.")
]
MappingFile = Annotated[
    str, typer.Option("--mapping", help="TOML file that maps a site's own table (see docs/mapping.md).")
]
BundleFolder = Annotated[str, typer.Option("--bundle", help="A bundle folder instead of the released one.")]
EvidenceFile = Annotated[
    str,
    typer.Option(
        "--evidence-file", help="A site's own rows, CSV in the columns of data/evidence/effects.csv."
    ),
]
ExcludedSources = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude-source",
        metavar="SOURCE",
        help="DOI, PMID or citation to leave out, such as a centre's own; may be repeated.",
    ),
]
Literature = Annotated[bool, typer.Option("--evidence/--no-evidence", help="Use the published rows at all.")]
Port = Annotated[int, typer.Option(min=1, max=65535)]


def main() -> None:
    """Run a command; exit 0 done, 1 refused, 2 usage."""
    # Neither library may call home from a hospital's network.
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        app()
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"{where}{error.strerror or error}\n")
        sys.exit(1)
    except SystemExit as stop:
        if stop.code == STOPPED:
            sys.stderr.write("stopped\n")
        raise


@app.command()
def check(
    cohort: CohortFile,
    mapping: MappingFile = "",
    html: Annotated[
        str, typer.Option(help="Also write a data-quality page, which stays in the centre.")
    ] = "",
) -> None:
    """Validate a cohort: every problem at once, or a summary."""
    from training.commands.check import check as run

    run(cohort, _path(mapping), html=_path(html))


@app.command(name="import")
def import_(
    raw: Annotated[
        Path, typer.Argument(readable=False, help="A site's own table, e.g. a REDCap raw export.")
    ],
    mapping: Annotated[
        Path, typer.Option(readable=False, help="TOML file that maps it (see docs/mapping.md).")
    ],
    out: Annotated[Path, typer.Option(readable=False, help="The cohort to write, CSV.")],
) -> None:
    """Turn a site's table into a cohort in the schema's columns and units."""
    from training.commands.import_table import import_table as run

    run(raw, mapping, out)


app.command(name="map")(intake_cli.map_)
app.add_typer(intake_cli.redcap, name="redcap")


@app.command()
def simulate(
    patients: Annotated[int, typer.Option(min=1, max=1_000_000, help="Number of patients.")],
    out: Annotated[Path, typer.Option(readable=False, help="The cohort to write, CSV.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same cohort.")] = DEFAULT_SEED,
    truth: Annotated[str, typer.Option(help="Also write the true risks, CSV.")] = "",
) -> None:
    """Write a synthetic cohort whose true risks are known."""
    from training.commands.simulate import simulate as run

    run(patients, seed, out, _path(truth))


@app.command()
def train(
    cohort: Annotated[str, typer.Argument(help="CSV, Parquet or Excel in the schema's columns.")] = "",
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome to train; may be repeated. All by default.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="anchored, ridge or xgboost; may be repeated. All by default.")
    ] = None,
    estimand: Annotated[
        str, typer.Option(help="treatment_policy or no_further_therapy.")
    ] = "treatment_policy",
    allow_grading: Annotated[
        str, typer.Option(metavar="SYSTEM", help="Allow another CRS scale by name, e.g. lee_2014.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bundle.")] = DEFAULT_SEED,
    validation: Annotated[
        bool, typer.Option("--validation/--no-validation", help="Cross-validate the models.")
    ] = True,
    bundle_out: Annotated[str, typer.Option(help="Also leave the bundle in this folder.")] = "",
    mapping: MappingFile = "",
    evidence_only: Annotated[
        bool,
        typer.Option("--evidence-only/--with-cohort", help="No cohort: the published evidence is the model."),
    ] = False,
    evidence_file: EvidenceFile = "",
    exclude_source: ExcludedSources = None,
    literature: Literature = True,
) -> None:
    """Fit, validate and register the models of every outcome."""
    from training.commands.train import train as run
    from training.config import EvidenceChoice

    run(
        _path(cohort),
        outcomes=_listed(outcome),
        models=_listed(model),
        estimand=estimand,
        allow_grading=allow_grading,
        seed=seed,
        validate=validation,
        bundle_out=_path(bundle_out),
        mapping=_path(mapping),
        evidence_only=evidence_only,
        evidence=EvidenceChoice(_path(evidence_file), _sources(exclude_source), literature),
    )


@app.command()
def tune(
    cohort: CohortFile,
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome to tune; may be repeated. All by default.")
    ] = None,
    model: Annotated[str, typer.Option(help="anchored or xgboost.")] = "anchored",
    trials: Annotated[
        int, typer.Option(min=0, max=1000, help="Settings tried in each search; 0 for 20, or by the time.")
    ] = 0,
    minutes: Annotated[
        float, typer.Option(min=0, help="Time for all searches together; 0 for no limit.")
    ] = 0,
    study: Annotated[
        str, typer.Option(metavar="FILE.db", help="Where trials are kept; tuning.db by default.")
    ] = "",
    repeats: Annotated[int, typer.Option(min=1, max=20, help="Of the outer cross-validation.")] = 1,
    allow_grading: Annotated[
        str, typer.Option(metavar="SYSTEM", help="Allow another CRS scale by name, e.g. lee_2014.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trials.")] = DEFAULT_SEED,
    bundle_out: Annotated[str, typer.Option(help="Also leave the bundle in this folder.")] = "",
    mapping: MappingFile = "",
) -> None:
    """Search for settings, validated with the search inside every fold; register the better."""
    from dataclasses import replace

    from training.commands.train import asked_config
    from training.commands.tune import tune as run

    config = asked_config(outcomes=_listed(outcome), allow_grading=allow_grading, seed=seed)
    run(
        cohort,
        replace(config, repeats=repeats),
        model=model,
        trials=trials,
        minutes=minutes,
        study=_path(study),
        mapping=_path(mapping),
        bundle_out=_path(bundle_out),
    )


@app.command()
def validate(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias; the champion by default.")
    ] = "",
    cohort: Annotated[str, typer.Argument(metavar="COHORT", help="Another cohort than it was made on.")] = "",
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome; may be repeated. All of the model by default.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update/--no-update", help="Register a version updated where called for.")
    ] = False,
    bundle: Annotated[str, typer.Option(help="A bundle folder instead of a registered version.")] = "",
    bundle_out: Annotated[str, typer.Option(help="With --update: also leave its bundle here.")] = "",
    mapping: MappingFile = "",
    allow_grading: Annotated[
        str, typer.Option(metavar="SYSTEM", help="Allow another CRS scale by name, e.g. lee_2014.")
    ] = "",
    allow_training_cohort: Annotated[
        bool,
        typer.Option(
            "--allow-training-cohort/--other-cohort", help="Measure a cohort that the model was made on."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = DEFAULT_SEED,
) -> None:
    """Measure a version on another cohort, nothing refitted; ask which update it calls for."""
    from training.commands.train import asked_config
    from training.commands.validate import read_arguments
    from training.commands.validate import validate as run

    chosen, file = read_arguments(version, cohort, bundle)
    run(
        chosen,
        file,
        asked_config(outcomes=_listed(outcome), allow_grading=allow_grading, seed=seed),
        bundle=_path(bundle),
        update=update,
        bundle_out=_path(bundle_out),
        mapping=_path(mapping),
        allow_training_cohort=allow_training_cohort,
    )


@app.command()
def compare(
    first: Annotated[
        str, typer.Argument(metavar="VERSION", help="A registered version or alias; none for all.")
    ] = "",
    second: Annotated[str, typer.Argument(metavar="VERSION", help="The one to compare it with.")] = "",
    cohort: Annotated[
        str, typer.Option(help="Patients to compare two versions on, such as those they were trained on.")
    ] = "",
    mapping: MappingFile = "",
    html: Annotated[str, typer.Option(help="Also write the comparison of two versions as a page.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many trainings, newest first.")] = 20,
) -> None:
    """Show runs and models side by side, or which of two versions is better."""
    if first or second or cohort or html:
        from training.commands.compare_versions import compare_versions

        compare_versions(first, second, cohort=_path(cohort), mapping=_path(mapping), html=_path(html))
        return
    from training.commands.compare import compare as run

    run(limit)


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="Registered version; the newest by default.")] = "",
    force: Annotated[
        str, typer.Option(metavar="WHY", help="Release although the gate says no; recorded.")
    ] = "",
) -> None:
    """Check a version, make it champion and release it for serving."""
    from training.commands.promote import promote as run

    run(version or None, force or None)


@app.command()
def score(
    cohort: CohortFile,
    out: Annotated[Path, typer.Option(readable=False, help="The risks to write, CSV.")],
    bundle: BundleFolder = "",
    contributions: Annotated[
        bool,
        typer.Option("--contributions/--no-contributions", help="Add a column of log-odds for every field."),
    ] = False,
    mapping: MappingFile = "",
) -> None:
    """State the risks of every infusion of a cohort."""
    from training.commands.score import score as run

    run(cohort, out, bundle=_path(bundle), contributions=contributions, mapping=_path(mapping))


@app.command()
def report(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias; the champion by default.")
    ] = "",
    bundle: Annotated[str, typer.Option(help="A bundle folder instead of a registered version.")] = "",
    out: Annotated[str, typer.Option(help="The page to write; report-VERSION.html by default.")] = "",
    json: Annotated[str, typer.Option(help="All of it as JSON, in full precision.")] = "",
    force: Annotated[bool, typer.Option("--force/--keep", help="Replace files that are there.")] = False,
) -> None:
    """Report a version by TRIPOD+AI, with all that a risk is computed from."""
    from training.commands.report import report as run

    run(version, bundle=_path(bundle), out=_path(out), json=_path(json), force=force)


@app.command()
def schema(
    write: Annotated[
        bool, typer.Option("--write", help="Write data/schema.json and data/dictionary.md.")
    ] = False,
) -> None:
    """Print the schema as JSON Schema, or write it and the dictionary."""
    from training.commands.schema import schema as run

    run(write)


@app.command()
def evidence(
    outcome: Annotated[str, typer.Argument(help="An outcome; all by default.")] = "",
    evidence_file: EvidenceFile = "",
    exclude_source: ExcludedSources = None,
    literature: Literature = True,
) -> None:
    """Show what is published on every outcome, and the prior made of it."""
    from training.commands.evidence import evidence as run

    run(
        outcome or None,
        evidence_file=_path(evidence_file),
        excluded=_sources(exclude_source),
        literature=literature,
    )


@app.command()
def serve(
    port: Port = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    bundle: BundleFolder = "",
) -> None:
    """Answer for patients over HTTP."""
    from training.commands.serve import serve as run

    run(port=port, host=host, bundle=_path(bundle))


@app.command()
def ui(port: Port = 5000) -> None:
    """Open the MLflow UI on the tracking database."""
    from training.commands.serve import ui as run

    run(port=port)


@app.command()
def demo(port: Port = 3000, ui_port: Annotated[int, typer.Option(min=1, max=65535)] = 5000) -> None:
    """Check, train, promote and serve the bundled synthetic cohort."""
    from training.commands.demo import demo as run

    run(port=port, ui_port=ui_port)


def _path(given: str) -> Path | None:
    """Take an empty option, as MLproject passes it, as not given."""
    return Path(given) if given else None


def _listed(given: list[str] | None) -> tuple[str, ...]:
    """Take repeated options and, as MLproject passes them, names joined by commas."""
    return tuple(name.strip() for item in given or [] for name in item.split(",") if name.strip())


def _sources(given: list[str] | None) -> tuple[str, ...]:
    """Take repeated options and, as MLproject passes them, sources joined by a bar: citations have commas."""
    return tuple(source.strip() for item in given or [] for source in item.split("|") if source.strip())
