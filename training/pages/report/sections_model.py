"""Sections on the model: how a risk is computed, every coefficient, the trees, a worked example."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from features.outcomes import OUTCOMES
from features.problems import counted
from features.terms import KNOWN_TERMS
from training.pages.html import Table, code, source_link
from training.pages.report.contents import Report
from training.pages.report.numbers import percent, plain, rounded
from training.pages.report.specification import ComposedOf, Specification, TermEntry
from training.pages.report.tables import lines, soft
from training.pages.report.tree_listing import TreeListing, TreeNode
from training.pages.report.worked_example import RiskStep, TermStep, WorkedExample


@dataclass(frozen=True)
class TreesView:
    """The trees of a model: how many, where they are, how they are read, and the first one in full."""

    size: str
    file: str
    are_read: str
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class ModelView:
    """One model; ``terms`` is None without a linear part, ``trees`` without trees.

    ``composed`` and ``formula`` state how the risk among all is composed; they are empty where it is not.
    """

    title: str
    method: str
    composed: str
    formula: str
    intercepts: Table
    terms: Table | None
    trees: TreesView | None
    replicates: str


@dataclass(frozen=True)
class ExampleView:
    """The risks of the example patient; ``terms`` is None without a linear part.

    ``composed`` is None, and ``composition`` empty, where everybody can have the outcome.
    """

    title: str
    terms: Table | None
    parts: str
    risks: Table
    composition: str
    composed: Table | None


def calculation_rules(report: Report) -> list[str]:
    """Rules of computing a term: high burden, and fields computed from others."""
    rules = report.calculation
    formulas = dict.fromkeys(model.high_burden for model in report.models.values())
    burden = (
        f"Disease burden: h is {'; or '.join(formulas)}. "
        f"Where {rules.burden_field} is missing, h is {plain(rules.high_burden_share)}."
    )
    derived = [
        f"Where {field} is missing, it is computed as {formula}." for field, formula in rules.derived.items()
    ]
    return [burden, *derived]


def model_views(report: Report) -> list[ModelView]:
    """Show every model."""
    return [_model(OUTCOMES[name].title, model) for name, model in report.models.items()]


def example_views(report: Report) -> list[ExampleView]:
    """Show the risks of one synthetic patient, step by step."""
    return [
        _example(OUTCOMES[name].title, example, report.models[name].composed_of)
        for name, example in report.examples.items()
    ]


def patient_words(report: Report) -> str:
    """List the fields of the synthetic patient."""
    return ", ".join(f"{name} {_value(value)}" for name, value in report.example_patient.items())


def _model(title: str, model: Specification) -> ModelView:
    intercepts = [[f"{each.horizon_days}", rounded(each.log_odds)] for each in model.intercepts]
    return ModelView(
        title=title,
        method=model.method,
        composed=_composed_words(model.composed_of),
        formula=model.composed_of.formula if model.composed_of is not None else "",
        intercepts=Table(["By day", "Intercept"], intercepts, caption=f"{title}: intercepts, log-odds"),
        terms=_terms(title, model.terms) if model.terms else None,
        trees=_trees(title, model.trees) if model.trees is not None else None,
        replicates=counted(model.replicates, "replicate"),
    )


def _terms(title: str, terms: tuple[TermEntry, ...]) -> Table:
    headings = ["Term", "Center", "Expected", "Coefficient", "Parts", "Prior", "Sources"]
    return Table(headings, [*map(_term, terms)], caption=f"{title}: {len(terms)} terms", kind="terms")


def _term(term: TermEntry) -> list[str]:
    return [
        lines(code(term.name), soft(term.unit), code(f"= {term.formula}")),
        rounded(term.centre),
        lines(f"{rounded(term.expected_low_burden)} low", f"{rounded(term.expected_high_burden)} high"),
        rounded(term.coefficient),
        lines(f"{rounded(term.published)} published", f"{rounded(term.local)} local"),
        lines(f"{rounded(term.prior_mean)} mean", f"{rounded(term.prior_spread)} SD"),
        lines(*(source_link(source) for source in term.sources)) or "none",
    ]


def _trees(title: str, trees: TreeListing) -> TreesView:
    splits: dict[str, int] = {}
    for node in (node for nodes in trees.trees for node in nodes if node.leaf is None):
        splits[node.column] = splits.get(node.column, 0) + 1
    size = f"f(x) is the sum of {counted(len(trees.trees), 'boosted tree')} minus {rounded(trees.constant)}."
    ordered = sorted(splits.items(), key=lambda pair: -pair[1])
    rows = [[_column(name, trees.columns[name]), f"{count}"] for name, count in ordered]
    used = Table(["Column", "Splits"], rows, caption=f"{title}: columns that the trees split on")
    return TreesView(size, trees.file, trees.are_read, (used, _first_tree(trees.trees[0])) if rows else ())


def _column(name: str, formula: str) -> Markup:
    return code(name) if formula == name else lines(code(name), code(f"= {formula}"))


def _first_tree(nodes: tuple[TreeNode, ...]) -> Table:
    """Write one tree in full, as a sample of how all are read."""
    return Table(
        ["Node", "Go to"], [[f"{at}", _node(node)] for at, node in enumerate(nodes)], "The first tree"
    )


def _node(node: TreeNode) -> str:
    if node.leaf is not None:
        return f"leaf {rounded(node.leaf)}"
    split = f"{node.column} below {node.threshold:.7g}: {node.below}"
    return f"{split}; otherwise {node.otherwise}; missing {node.missing}"


def _composed_words(composed: ComposedOf | None) -> str:
    """Say whose risk the log-odds are of, and how the risk among all follows; empty where it is theirs."""
    if composed is None:
        return ""
    decides = OUTCOMES[composed.given].title
    added = f", plus the risk of {OUTCOMES[composed.plus].title}" if composed.plus else ""
    share = "the risk" if composed.happened else "1 minus the risk"
    return (
        f"The log-odds are those of the risk q(h) among {composed.among}. The risk among all infused is q(h) "
        f"times {share} of {decides} by the same day{added}."
    )


def _example(title: str, example: WorkedExample, composed: ComposedOf | None) -> ExampleView:
    headings = ["Term", "Value", "Center", "Coefficient", "Product"]
    terms = Table(headings, [*map(_step, example.terms)], caption=f"{title}: linear part", kind="steps")
    rows = [
        [
            f"{step.horizon_days}",
            f"{rounded(step.intercept)} + {rounded(example.linear)} + {rounded(example.trees)}",
            rounded(step.log_odds),
            *([percent(step.composed.among)] if step.composed is not None else _risk(step)),
        ]
        for step in example.risks
    ]
    ends = ["Risk", "90 % interval"] if composed is None else [f"Risk among {composed.among}"]
    headings = ["By day", "Intercept + linear part + trees", "Log-odds", *ends]
    among = "risks" if composed is None else "risks among those who can have it"
    return ExampleView(
        title,
        terms if example.terms else None,
        f"Linear part {rounded(example.linear)}; trees {rounded(example.trees)}.",
        Table(headings, rows, caption=f"{title}: {among}"),
        _composed_words(composed),
        _composition(title, example, composed) if composed is not None else None,
    )


def _composition(title: str, example: WorkedExample, composed: ComposedOf) -> Table:
    """Show how the risks among all are composed, horizon by horizon."""
    rows = [
        [
            f"{step.horizon_days}",
            f"{percent(parts.can_have)} * {percent(parts.among)}"
            + (f" + {percent(parts.added)}" if composed.plus else ""),
            percent(parts.product),
            *_risk(step),
        ]
        for step in example.risks
        if (parts := step.composed) is not None
    ]
    added = f" + {OUTCOMES[composed.plus].title}" if composed.plus else ""
    headings = ["By day", f"Share who can have it * risk among them{added}", "Sum", "Risk", "90 % interval"]
    return Table(headings, rows, caption=f"{title}: composed risks")


def _risk(step: RiskStep) -> list[str]:
    return [percent(step.risk), f"{percent(step.low)} to {percent(step.high)}"]


def _step(step: TermStep) -> list[str]:
    used = rounded(step.used)
    return [
        lines(code(step.name), soft(KNOWN_TERMS[step.name].title)),
        used if step.value is not None else Markup("{} {}").format(used, soft("missing: expected value")),
        rounded(step.centre),
        rounded(step.coefficient),
        rounded(step.product),
    ]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
