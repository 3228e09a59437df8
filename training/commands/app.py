"""The command line: names, options and exit status; each command's work is in `training.commands`.

Heavy imports are inside the commands, so ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from features.problems import Refused
from training.commands import app_sites as intake_cli
from training.commands import app_versions as versions_cli
from training.commands.options import (
    COHORT_HELP,
    DEFAULT_SEED,
    AssumeRemission,
    BundleFolder,
    CohortFile,
    CohortName,
    EvidenceFile,
    ExcludedSources,
    Grading,
    Literature,
    MappingFile,
    Overwrite,
    Port,
    given_path,
    listed,
    listed_sources,
)
from training.console.screen import any_text_can_be_printed

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


def main() -> None:
    """Run a command; exit 0 done, 1 refused, 2 usage."""
    # Neither library may call home from a hospital's network.
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    any_text_can_be_printed()
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
        str, typer.Option(help="Data-quality page to write (HTML), for use inside the center only")
    ] = "",
    overwrite: Overwrite = False,
) -> None:
    """Check a cohort file: list every problem, or summarize the cohort."""
    from training.commands.check import check as run

    run(cohort, given_path(mapping), html=given_path(html), overwrite=overwrite)


@app.command(name="import")
def import_(
    raw: Annotated[Path, typer.Argument(readable=False, help="Site's own table, e.g. a raw REDCap export")],
    mapping: Annotated[
        Path,
        typer.Option(
            readable=False, help="TOML file that maps the table to the schema (see docs/mapping.md)"
        ),
    ],
    out: Annotated[Path, typer.Option(readable=False, help="Cohort file to write (CSV)")],
    overwrite: Overwrite = False,
) -> None:
    """Convert a site's table to a cohort with the schema's columns and units."""
    from training.commands.import_table import import_table as run

    run(raw, mapping, out, overwrite=overwrite)


app.command(name="map")(intake_cli.map_)
app.add_typer(intake_cli.redcap, name="redcap")


@app.command()
def simulate(
    patients: Annotated[int, typer.Option(min=1, max=100_000, help="Number of patients")],
    out: Annotated[Path, typer.Option(readable=False, help="Cohort file to write (CSV)")],
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed; the same seed gives the same cohort")
    ] = DEFAULT_SEED,
    truth: Annotated[str, typer.Option(help="File for the true risks (CSV)")] = "",
    overwrite: Overwrite = False,
) -> None:
    """Simulate a cohort of synthetic patients with known true risks."""
    from training.commands.simulate import simulate as run

    run(patients, seed, out, given_path(truth), overwrite=overwrite)


@app.command()
def train(
    cohort: Annotated[str, typer.Argument(help=COHORT_HELP)] = "",
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome to train; repeatable (default: all)")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Model to train: anchored, ridge or xgboost; repeatable (default: all)"),
    ] = None,
    estimand: Annotated[
        str, typer.Option(help="Estimand: treatment_policy or no_further_therapy")
    ] = "treatment_policy",
    allow_grading: Grading = "",
    assume_remission: AssumeRemission = True,
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed; the same seed gives the same bundle")
    ] = DEFAULT_SEED,
    validation: Annotated[
        bool, typer.Option("--validation/--no-validation", help="Cross-validate the models")
    ] = True,
    bundle_out: Annotated[str, typer.Option(help="Folder to write the bundle to")] = "",
    mapping: MappingFile = "",
    evidence_only: Annotated[
        bool,
        typer.Option("--evidence-only/--with-cohort", help="Use published evidence only, without a cohort"),
    ] = False,
    evidence_file: EvidenceFile = "",
    exclude_source: ExcludedSources = None,
    literature: Literature = True,
    overwrite: Overwrite = False,
    name: CohortName = "",
) -> None:
    """Train, validate and register the models of every outcome."""
    from training.commands.train import train as run
    from training.dataset.fit_config import EvidenceChoice

    run(
        given_path(cohort),
        outcomes=listed(outcome),
        models=listed(model),
        estimand=estimand,
        allow_grading=allow_grading,
        assume_remission=assume_remission,
        seed=seed,
        validate=validation,
        bundle_out=given_path(bundle_out),
        mapping=given_path(mapping),
        evidence_only=evidence_only,
        evidence=EvidenceChoice(given_path(evidence_file), listed_sources(exclude_source), literature),
        overwrite=overwrite,
        name=name,
    )


app.command()(versions_cli.tune)
app.command()(versions_cli.validate)
app.command()(versions_cli.record)
app.command()(versions_cli.compare)
app.command()(versions_cli.promote)


@app.command()
def score(
    cohort: CohortFile,
    out: Annotated[Path, typer.Option(readable=False, help="Table of risks to write (CSV)")],
    bundle: BundleFolder = "",
    contributions: Annotated[
        bool,
        typer.Option(
            "--contributions/--no-contributions",
            help="Add each field's contribution to the risk, in log-odds",
        ),
    ] = False,
    mapping: MappingFile = "",
    overwrite: Overwrite = False,
) -> None:
    """Predict risks for every infusion."""
    from training.commands.score import score as run

    run(
        cohort,
        out,
        bundle=given_path(bundle),
        contributions=contributions,
        mapping=given_path(mapping),
        overwrite=overwrite,
    )


app.command()(versions_cli.report)
app.command()(versions_cli.repack)


@app.command()
def schema(
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Write data/schema.json, data/dictionary.md and measures.js, replacing earlier ones",
        ),
    ] = False,
) -> None:
    """Print the cohort schema as JSON Schema, or write the files generated from it."""
    from training.commands.schema import schema as run

    run(write)


@app.command()
def evidence(
    outcome: Annotated[str, typer.Argument(help="Outcome to show (default: all)")] = "",
    evidence_file: EvidenceFile = "",
    exclude_source: ExcludedSources = None,
    literature: Literature = True,
) -> None:
    """Show the published evidence on each outcome, and the prior derived from it."""
    from training.commands.evidence import evidence as run

    run(
        outcome or None,
        evidence_file=given_path(evidence_file),
        excluded=listed_sources(exclude_source),
        literature=literature,
    )


@app.command()
def serve(
    port: Port = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    bundle: BundleFolder = "",
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Additional host name to accept requests for, e.g. risk.hospital.example or "
            "*.hospital.example; repeatable",
        ),
    ] = None,
) -> None:
    """Serve predictions over HTTP."""
    from training.commands.serve import serve as run

    run(port=port, host=host, bundle=given_path(bundle), allowed_hosts=allowed_host or ())


@app.command()
def ui(port: Port = 5000) -> None:
    """Start the MLflow UI for the tracking database."""
    from training.commands.serve import ui as run

    run(port=port)


@app.command()
def relocate() -> None:
    """Update the tracking database after the project folder was moved or copied."""
    from training.commands.relocate import relocate as run

    run()


@app.command()
def demo(
    port: Port = 3000,
    ui_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the MLflow UI")] = 5000,
) -> None:
    """Run check, train, promote and serve on the bundled synthetic cohort."""
    from training.commands.demo import demo as run

    run(port=port, ui_port=ui_port)
