// What was not known, and how much narrower the interval of each risk would be expected to be if it were.

import { h } from "./dom.js";
import { fieldLabel, outcomeName, rowLabel } from "./wording.js";

const ONE_POINT = 0.005;

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

/** Draw the panel; null where everything is known. */
export function unknown(answer, context) {
  if (!answer.missing.length) return null;
  const { texts } = context;
  const counted = costs(answer).filter((row) => row.widest >= ONE_POINT);
  const named = new Set(counted.flatMap((row) => (row.inputs.length ? row.inputs : [row.field])));
  const others = answer.missing.filter((name) => !named.has(name));
  return h("section.card.unknowns", { "aria-labelledby": "unknown-title" },
    h("h3", { id: "unknown-title" }, texts.say("unknown.title")),
    counted.length > 0 && [h("p.quiet", {}, texts.say("unknown.lead")), table(counted, answer, context)],
    others.length > 0 && h("p.quiet", {}, texts.say(counted.length ? "unknown.others" : "unknown.only"), " ", others.map((name, place) => [
      place > 0 && ", ", ask(name, fieldLabel(name, context.form.fields[name], texts), context)])));
}

function table(rows, answer, context) {
  const { texts } = context;
  const head = [h("th", { scope: "col" }, texts.say("unknown.field")),
    ...answer.outcomes.map((outcome) => h("th", { scope: "col" }, outcomeName(outcome, texts)))];
  const body = rows.map((row) => h("tr", {},
    h("th", { scope: "row" }, ask(row.inputs[0] ?? row.field, rowLabel(row, context.form, texts), context)),
    answer.outcomes.map((outcome) => h("td.number", {}, narrower(row.widths[outcome.name] ?? 0, texts)))));
  return h("div.wide", { tabindex: "0", role: "region", "aria-labelledby": "unknown-title" },
    h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, body)));
}

function narrower(width, texts) {
  return width < ONE_POINT ? "–" : texts.count("unknown.points", Math.round(100 * width));
}

/** A field's name that leads to the field. */
function ask(name, label, { focus, form }) {
  return name in form.fields ? h("button.link", { type: "button", onclick: () => focus(name) }, label) : label;
}
