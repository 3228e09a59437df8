// Two lines for the chart: what was entered, then the risks and what they must not be used for.

import { outcomeName, fieldLabel, horizon, typedValue } from "./wording.js";
import { sentence } from "./cautions.js";
import { riskWords, statesAt, wholeWords } from "./families.js";
import { ofHundred, range } from "./numbers.js";
import { productNote } from "./product_rates.js";
import { outsideUse } from "./scope.js";
import { stateName } from "./states.js";

/**
 * Write the note.
 * @param {object} answer
 * @param {{texts: object, form: object, entries: object, eventFreeDay: number|null}} context `entries` and day are those that the answer is to
 * @param {string} when the answer was given, as it is written
 */
export function note(answer, context, when) {
  const { texts } = context;
  const synthetic = answer.cohort?.synthetic ? texts.say("note.synthetic") : "";
  const lines = [
    [synthetic, texts.say("note.head", { version: answer.bundle.version, digest: answer.bundle.digest.slice(7, 15), when }), ...inputs(answer, context)],
    [
      synthetic, ...outsideUse(answer).map((warning) => sentence(warning, context)),
      `${answer.outcomes.map((outcome) => risk(outcome, answer, texts)).join("; ")}.`,
      ...states(answer, context), productNote(answer, texts), texts.say("note.use"),
    ],
  ];
  return lines.map((parts) => parts.filter(Boolean).join(" ")).join("\n");
}

function risk(outcome, answer, texts) {
  return texts.say("note.risk", {
    name: outcomeName(outcome, texts), by: horizon(outcome.horizon_days, texts), risk: riskWords(outcome, answer, texts),
    low: ofHundred(outcome.interval.low, texts), high: ofHundred(outcome.interval.high, texts),
    status: texts.say(`statuses.${outcome.status}`, {}, outcome.status),
  });
}

/** What becomes of a hundred patients by each horizon: from the infusion, and after the day that was asked. */
function states(answer, { texts, eventFreeDay }) {
  const said = (family, key) => texts.say(`note.${key}`, {
    day: family.event_free_on_day, points: family.curve.map((point) => pointWords(point, family, texts)).join("; "),
    names: statesAt(family.curve[0], family).map((state) => stateName(state, family, answer, texts, "full")).join(" / "),
  });
  const unanswered = Boolean(eventFreeDay) && !answer.event_free?.length;
  return [
    ...(answer.states ?? []).map((family) => said(family, "states")), ...(answer.event_free ?? []).map((family) => said(family, "event_free")),
    unanswered && texts.say("note.event_free_none", { day: eventFreeDay }),
  ];
}

function pointWords(point, family, texts) {
  const words = statesAt(point, family).map(({ whole, low, high }) => texts.say("note.state", { n: wholeWords(whole, texts), range: range(low, high, texts) }));
  return texts.say("note.point", { by: horizon(point.horizon_days, texts), states: words.join(" / ") });
}

/** Three sentences: values with units that the answer rests on, those that it does not, and fields without a value. */
function inputs(answer, { texts, form, entries }) {
  const used = usedFields(answer, form);
  const given = Object.entries(entries)
    .map(([name, entry]) => ({ name, value: typedValue(name, form.fields[name], entry, texts) }))
    .filter(({ value }) => value);
  const words = ({ name, value }) => `${fieldLabel(name, form.fields[name], texts)} ${value}`;
  const lists = {
    inputs: given.filter(({ name }) => used.has(name)).map(words),
    unused: given.filter(({ name }) => !used.has(name)).map(words),
    missing: answer.missing.map((name) => fieldLabel(name, form.fields[name], texts)),
  };
  return Object.entries(lists).map(([key, fields]) => (fields.length ? texts.say(`note.${key}`, { fields: fields.join(", ") }) : ""));
}

/** Fields that a model of the answer looks at, as the answer itself says. */
export function usedFields(answer, form) {
  const unused = new Set(answer.unused);
  return new Set(Object.keys(form.fields).filter((name) => !unused.has(name) && form.fields[name].use !== "name"));
}
