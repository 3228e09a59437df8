// Missing values, and how much each would be expected to narrow the interval of each risk.

import { h } from "./dom.js";
import { arranged } from "./families.js";
import { panel } from "./panel.js";
import { unknownFields } from "./product_label.js";
import { UNUSED } from "./used.js";
import { fieldLabel, outcomeName, rowLabel } from "./wording.js";

export const ONE_POINT = 0.005;

/**
 * Widths by row and outcome, the costliest first.
 * @returns {{field: string, title: string, inputs: string[], widths: Object<string, number>, widest: number}[]}
 */
export function costs(answer) {
  const rows = new Map();
  for (const outcome of answer.outcomes) {
    for (const cost of outcome.missing_costs ?? []) {
      const row = rows.get(cost.field) ?? { ...cost, widths: {}, widest: 0 };
      row.widths[outcome.name] = cost.width;
      row.widest = Math.max(row.widest, cost.width);
      rows.set(cost.field, row);
    }
  }
  return [...rows.values()].sort((one, other) => other.widest - one.widest);
}

/**
 * Missing fields by what knowing them would change.
 * @returns {{rows: object[], little: string[], unmeasured: string[], unused: string[]}}
 *   rows of a point or more; fields of less; fields that a model uses in a way whose cost is not estimated (trees);
 *   fields that no model uses
 */
export function sorted(answer) {
  const rows = costs(answer).filter((row) => row.widest >= ONE_POINT);
  const named = new Set(rows.flatMap((row) => (row.inputs.length ? row.inputs : [row.field])));
  const missing = unknownFields(answer);
  const unused = missing.filter((name) => answer.unused.includes(name));
  const rest = missing.filter((name) => !named.has(name) && !unused.includes(name));
  const unmeasured = rest.filter((name) => !isMeasured(answer, name));
  return { rows, little: rest.filter((name) => !unmeasured.includes(name)), unmeasured, unused };
}

/** Missing fields, those first that would narrow an interval most. */
export function byBenefit(answer) {
  const { rows, little, unmeasured, unused } = sorted(answer);
  const named = rows.flatMap((row) => (row.inputs.length ? row.inputs : [row.field])).filter((name) => answer.missing.includes(name));
  return [...new Set([...named, ...little, ...unmeasured, ...unused])];
}

/** Whether every outcome whose model uses a field says what not knowing it costs. */
function isMeasured(answer, name) {
  return answer.outcomes.every((outcome) => outcome.field_use[name] === UNUSED
    || (outcome.missing_costs ?? []).some((cost) => cost.inputs.includes(name)));
}

/** Draw the panel; null where everything is known. */
export function unknown(answer, context) {
  const n = unknownFields(answer).length;
  if (!n) return null;
  const { texts } = context;
  const { rows, little, unmeasured, unused } = sorted(answer);
  return panel("unknowns", texts.say("unknown.counted", { n }), context,
    rows.length > 0 && [h("p.quiet", {}, texts.say("unknown.order"), " ", texts.say("unknown.lead")), tables(rows, answer, context)],
    line(rows.length ? "others" : "only", little, context), line("unmeasured", unmeasured, context), line("unused", unused, context));
}

function line(key, names, context) {
  const { texts, form } = context;
  return names.length > 0 && h("p.quiet", { "data-kind": key }, texts.say(`unknown.${key}`), " ",
    names.map((name, place) => [place > 0 && " ",
      h("span.listed", {}, ask(name, fieldLabel(name, form.fields[name], texts), context), place < names.length - 1 && ",")]));
}

/** A table of the main outcomes; folded, one of the others. */
function tables(rows, answer, context) {
  const { main, members, further } = arranged(answer);
  const others = [...members, ...further];
  const of = (outcomes, labelledBy) => {
    const widest = ({ widths }) => Math.max(...outcomes.map(({ name }) => widths[name] ?? 0));
    const moved = rows.filter((row) => widest(row) >= ONE_POINT).sort((one, other) => widest(other) - widest(one));
    return moved.length > 0 && table(moved, outcomes, labelledBy, context);
  };
  const [first, second] = [of(main, "unknowns-title"), of(others, "unknowns-further")];
  const title = h("summary", { id: "unknowns-further" }, context.texts.say("further.title"));
  return [first, second && context.keepOpen("unknown-further", h("details", {}, title, second))];
}

function table(rows, outcomes, labelledBy, context) {
  const { texts } = context;
  const head = [h("th", { scope: "col" }, texts.say("unknown.field")),
    ...outcomes.map((outcome) => h("th", { scope: "col" }, outcomeName(outcome, texts)))];
  const body = rows.map((row) => h("tr", {},
    h("th", { scope: "row" }, ask(row.inputs[0] ?? row.field, rowLabel(row, context.form, texts), context)),
    outcomes.map((outcome) => h("td.number", {}, narrower(row.widths[outcome.name] ?? 0, texts)))));
  return h("div.wide", { tabindex: "0", role: "region", "aria-labelledby": labelledBy },
    h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, body)));
}

function narrower(width, texts) {
  return width < ONE_POINT ? "–" : texts.count("unknown.points", Math.round(100 * width));
}

/** A field's name that leads to the field. */
function ask(name, label, { focus, form }) {
  return name in form.fields ? h("button.link", { type: "button", onclick: () => focus(name) }, label) : label;
}
