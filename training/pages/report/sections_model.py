"""Sections on the model: how a risk is computed, every coefficient, the trees, a worked example."""

from __future__ import annotations

from html import escape

from features.outcomes import OUTCOMES
from features.problems import counted
from features.terms import TERMS
from training.pages.html import Markup, items, paragraph, sources
from training.pages.report.contents import Report
from training.pages.report.numbers import percent, plain, rounded
from training.pages.report.sections_front import heading
from training.pages.report.specification import Specification, TermEntry
from training.pages.report.tables import code, headed_table, lines, soft
from training.pages.report.tree_listing import TreeListing, TreeNode
from training.pages.report.worked_example import TermStep, WorkedExample

COEFFICIENTS = (
    "Published and local part add up to the coefficient, which is a log odds ratio for one unit of the "
    "term. Prior: mean and standard deviation before any local patient. Expected: what stands in for a "
    "missing value, with low and with high burden."
)


def model_section(report: Report) -> str:
    """How a risk is computed, then every model."""
    rules, parts = report.calculation, [heading("model")]
    parts.append(
        '<p class="formula">logit F(h | x) = intercept(h) + Σ coefficient × (term − centre) + f(x)</p>'
    )
    steps = "".join(f"<li>{escape(step)}</li>" for step in rules.steps)
    parts.append(f"<ol>{steps}</ol>{paragraph(rules.formulas_are_read)}")
    burden = f"{rules.burden_field} of {plain(rules.high_burden_from)} or more is high burden; "
    burden += f"h is {plain(rules.high_burden_share)} where it is missing"
    derived = [f"{field} = {formula}, where it is missing" for field, formula in rules.derived.items()]
    parts.append(items([burden, *derived]))
    parts += [_model(name, model) for name, model in report.models.items()]
    return "\n".join(parts)


def example_section(report: Report) -> str:
    """Show the risks of one synthetic patient, step by step."""
    values = ", ".join(f"{name} {_value(value)}" for name, value in report.example_patient.items())
    words = (
        "A synthetic patient, one of those by which the software checks a model whenever it is loaded. "
        "Missing terms are marked. Numbers are rounded here and exact in the JSON twin."
    )
    parts = [heading("example"), paragraph(words), f'<p class="soft">{escape(values)}</p>']
    for name, example in report.examples.items():
        parts.append(f"<h3>{escape(OUTCOMES[name].title)}</h3>")
        parts += [_example(name, example)]
    return "\n".join(parts)


def _model(name: str, model: Specification) -> str:
    title = OUTCOMES[name].title
    parts = [f"<h3>{escape(title)}</h3>", paragraph(f"Method: {model.method}.")]
    rows = [[f"{each.horizon_days}", rounded(each.log_odds)] for each in model.intercepts]
    parts.append(headed_table(["By day", "Intercept"], rows, caption=f"{title}: intercepts, log-odds"))
    if model.terms:
        headings = ["Term", "Centre", "Expected", "Coefficient", "Of it", "Prior", "Sources"]
        caption = f"{title}: {len(model.terms)} terms"
        parts += [
            paragraph(COEFFICIENTS),
            headed_table(headings, map(_term, model.terms), caption=caption, kind="terms"),
        ]
    parts.append(_trees(title, model.trees) if model.trees is not None else paragraph("No trees: f(x) is 0."))
    words = f"Intervals come from {counted(model.replicates, 'replicate')}, which only the bundle holds."
    return "\n".join([*parts, paragraph(words)])


def _term(term: TermEntry) -> list[str]:
    return [
        lines(code(term.name), soft(term.unit), code(f"= {term.formula}")),
        rounded(term.centre),
        lines(f"{rounded(term.expected_low_burden)} low", f"{rounded(term.expected_high_burden)} high"),
        rounded(term.coefficient),
        lines(f"{rounded(term.published)} published", f"{rounded(term.local)} local"),
        lines(f"{rounded(term.prior_mean)} mean", f"{rounded(term.prior_spread)} SD"),
        lines(*(sources(source) for source in term.sources)) or "none",
    ]


def _trees(title: str, trees: TreeListing) -> str:
    splits: dict[str, int] = {}
    for node in (node for nodes in trees.trees for node in nodes if node.leaf is None):
        splits[node.column] = splits.get(node.column, 0) + 1
    words = (
        f"f(x) is the sum of {counted(len(trees.trees), 'boosted tree')} less {rounded(trees.constant)}. The "
        f"trees are in the file {trees.file} of the bundle, whose digest is among the provenance, and node "
        f"by node in the JSON twin, from which f(x) can be computed by hand. {trees.are_read}"
    )
    ordered = sorted(splits.items(), key=lambda pair: -pair[1])
    rows = [[_column(name, trees.columns[name]), f"{count}"] for name, count in ordered]
    parts = [f"<h4>{escape(title)}: trees</h4>", paragraph(words)]
    if rows:
        parts.append(headed_table(["Column", "Splits"], rows, caption=f"{title}: what the trees look at"))
        parts.append(_first_tree(trees.trees[0]))
    return "\n".join(parts)


def _column(name: str, formula: str) -> Markup:
    return code(name) if formula == name else lines(code(name), code(f"= {formula}"))


def _first_tree(nodes: tuple[TreeNode, ...]) -> str:
    """Write one tree in full, as a sample of how all are read."""
    rows = [
        [
            f"{at}",
            f"leaf {rounded(node.leaf)}"
            if node.leaf is not None
            else f"{node.column} below {node.threshold:.7g}: {node.below}; otherwise {node.otherwise}; "
            f"missing {node.missing}",
        ]
        for at, node in enumerate(nodes)
    ]
    return headed_table(["Node", "Go to"], rows, caption="The first tree")


def _example(name: str, example: WorkedExample) -> str:
    title, parts = OUTCOMES[name].title, []
    if example.terms:
        headings = ["Term", "Value", "Centre", "Coefficient", "Product"]
        caption = f"{title}: the linear part"
        parts.append(headed_table(headings, map(_step, example.terms), caption=caption, kind="steps"))
    parts.append(paragraph(f"Linear part {rounded(example.linear)}; trees {rounded(example.trees)}."))
    rows = [
        [
            f"{step.horizon_days}",
            f"{rounded(step.intercept)} + {rounded(example.linear)} + {rounded(example.trees)}",
            rounded(step.log_odds),
            percent(step.risk),
            f"{percent(step.low)} to {percent(step.high)}",
        ]
        for step in example.risks
    ]
    headings = ["By day", "Intercept + linear part + trees", "Log-odds", "Risk", "90 % interval"]
    return "\n".join([*parts, headed_table(headings, rows, caption=f"{title}: the risks")])


def _step(step: TermStep) -> list[str]:
    used = rounded(step.used)
    expected = Markup(f"{escape(used)} {soft('missing: expected')}")
    return [
        lines(code(step.name), soft(TERMS[step.name].title)),
        used if step.value is not None else expected,
        rounded(step.centre),
        rounded(step.coefficient),
        rounded(step.product),
    ]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
