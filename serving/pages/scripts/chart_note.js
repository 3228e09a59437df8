// Two lines for the chart: what was entered, then the main risks and what they must not be used for.

import { claim } from "./chips.js";
import { withinSentence } from "./facts.js";
import { arranged, familyOf, pointAt, riskWords, statesAt, wholeWords } from "./families.js";
import { range } from "./numbers.js";
import { unknownFields } from "./product_label.js";
import { productWarning } from "./product_rates.js";
import { outsideUse } from "./scope.js";
import { outcomeName, fieldLabel, horizon, typedValue } from "./wording.js";

/**
 * Write the note.
 * @param {object} answer
 * @param {{texts: object, form: object, entries: object, eventFreeDay: number|null}} context `entries` and day are those that the answer is to
 * @param {string} when the answer was given, as it is written
 */
export function note(answer, context, when) {
  const { texts } = context;
  const synthetic = answer.cohort?.synthetic ? texts.say("note.synthetic") : "";
  const { main } = arranged(answer);
  const lines = [
    [synthetic, texts.say("note.head", { version: answer.bundle.version, digest: answer.bundle.digest.slice(7, 15), when }), ...inputs(answer, context)],
    [synthetic, outside(answer, context), `${main.flatMap((outcome) => risks(outcome, answer, context)).join("; ")}.`, unaware(answer, texts), texts.say("note.use")],
  ];
  return lines.map((parts) => parts.filter(Boolean).join(" ")).join("\n");
}

/** A main risk; of one that leads a family, also the risk after the day that was asked. */
function risks(outcome, answer, context) {
  const { texts } = context;
  const status = outsideUse(answer).length ? "" : `, ${withinSentence(claim(outcome, { texts, answer }))}`;
  const { low, high } = outcome.interval;
  const own = number(outcomeName(outcome, texts), outcome.horizon_days, riskWords(outcome, answer, texts), `${range(low, high, texts)}${status}`, texts);
  return familyOf(outcome, answer) ? [own, ...later(outcome, answer, context)] : [own];
}

function number(name, days, risk, interval, texts) {
  return texts.say("note.risk", { name, by: horizon(days, texts), risk, interval });
}

function later(outcome, answer, { texts, eventFreeDay }) {
  const family = (answer.event_free ?? []).find(({ outcomes }) => outcomes[0] === outcome.name);
  if (!family) return eventFreeDay ? [texts.say("note.event_free_none", { day: eventFreeDay })] : [];
  const point = pointAt(family, outcome.horizon_days);
  const [state] = statesAt(point, family);
  const risk = number(outcomeName(outcome, texts), point.horizon_days, wholeWords(state.whole, texts), range(state.low, state.high, texts), texts);
  return [texts.say("note.event_free", { day: family.event_free_on_day, risk })];
}

function outside(answer, { texts, form, entries }) {
  const fields = outsideUse(answer).map(({ field }) => entered(field, { texts, form, entries }));
  return fields.length ? texts.say("note.outside", { fields: fields.join(", ") }) : "";
}

/** Main outcomes whose models do not know the product. */
function unaware(answer, texts) {
  const names = productWarning(answer)?.details.unaware ?? [];
  const main = arranged(answer).main.filter(({ name }) => names.includes(name));
  return main.length ? texts.say("note.product", { outcomes: main.map((outcome) => withinSentence(outcomeName(outcome, texts))).join(", ") }) : "";
}

function entered(name, { texts, form, entries }) {
  return `${fieldLabel(name, form.fields[name], texts)} ${typedValue(name, form.fields[name], entries[name], texts)}`.trim();
}

/** Values that the answer rests on, that a score beside it alone uses, that nothing uses; and how many are not known. */
function inputs(answer, context) {
  const { texts, form, entries } = context;
  const used = usedFields(answer, form);
  const missing = unknownFields(answer).length;
  const scores = answer.outcomes.flatMap((outcome) => outcome.scores ?? []).filter(({ risk }) => risk !== null);
  const given = Object.keys(entries).filter((name) => typedValue(name, form.fields[name], entries[name], texts));
  const unused = given.filter((name) => !used.has(name));
  const scored = unused.filter((name) => scores.some(({ inputs: names }) => names.includes(name)));
  const said = (key, names, values = {}) => (names.length ? texts.say(`note.${key}`, { fields: names.map((name) => entered(name, context)).join(", "), ...values }) : "");
  return [
    said("inputs", given.filter((name) => used.has(name))),
    said("scored", scored, { scores: [...new Set(scores.map(({ title }) => title))].join(", ") }),
    said("unused", unused.filter((name) => !scored.includes(name))),
    missing > 0 && texts.say("note.missing", { n: missing }),
  ];
}

/** Fields that a model of the answer looks at, as the answer itself says. */
export function usedFields(answer, form) {
  const unused = new Set(answer.unused);
  return new Set(Object.keys(form.fields).filter((name) => !unused.has(name) && form.fields[name].use !== "name"));
}
