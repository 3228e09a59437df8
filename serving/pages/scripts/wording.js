// Fields, options, values and outcomes in the words of the chosen language; the server's own where it has none.

import { takeApart } from "./typed.js";
import { ageWords } from "./value_age.js";

/** Label of a field. */
export function fieldLabel(name, spec, texts) {
  return texts.say(`fields.${name}`, {}, spec?.title ?? name);
}

/** Label of an option; "true" and "false" of a yes-or-no field. */
export function optionLabel(name, option, texts, fallback = option) {
  const general = { true: "form.yes", false: "form.no" }[option];
  return texts.say(`options.${name}.${option}`, {}, general ? texts.say(general) : fallback);
}

/** A field's value as it was typed, with its unit; empty where it is not known. */
export function typedValue(name, spec, entry, texts) {
  const text = entry?.text.trim() ?? "";
  if (text === "") return "";
  if (spec.kind === "text") return text;
  if (spec.kind === "choice" || spec.kind === "boolean") return optionLabel(name, text, texts);
  const age = ageWords(entry, texts);
  const { text: written, number } = takeApart(text);
  return [written, texts.unit(entry.unit, number), age && `(${age})`].filter(Boolean).join(" ");
}

/** A value by the product's label; empty where the label states none. */
export function labelValue(name, value, texts) {
  return value === undefined ? "" : texts.say("reasons.by_label", { value: optionLabel(name, String(value), texts) });
}

/** Name of an outcome, short enough for a heading. */
export function outcomeName(outcome, texts) {
  return texts.say(`outcomes.${outcome.name}.short`, {}, outcome.title);
}

/** A horizon in days as people say it: "day 30", "12 months". */
export function horizon(days, texts) {
  return texts.say(`horizons.${days}`, {}, texts.say("horizons.days", { days }));
}

/** A row of reasons: a field, or a composite of several. */
export function rowLabel(row, form, texts) {
  return texts.say(`fields.${row.field}`, {}, form.fields[row.field]?.title ?? row.title);
}
