// From what was typed to a request: numbers, units and limits. The server checks everything again.

import { namedUnit, takeApart } from "./typed.js";

/** An empty entry of a field: nothing known, the schema's own unit. */
export function emptyEntry(spec) {
  return { text: "", unit: spec.units[0].name };
}

/** Factor from the unit of an entry to the schema's. */
export function factorOf(spec, entry) {
  return spec.units.find((unit) => unit.name === entry.unit).factor;
}

/**
 * Read one entry.
 * @param {object} spec field of the form
 * @param {{text: string, unit: string}} entry
 * @returns {{value: number|string|boolean|null, problem: null|{code: string, low?: number, high?: number}}}
 *   value in the schema's unit, null where not known; limits of a problem are in the entry's unit
 */
export function readEntry(spec, entry) {
  const text = entry.text.trim();
  if (text === "") return { value: null, problem: null };
  if (spec.kind === "boolean") return { value: text === "true", problem: null };
  if (spec.kind === "choice" || spec.kind === "text") return { value: text, problem: null };
  if (spec.kind === "grouped") return { value: Number(text), problem: null };
  const { sign, number, unit } = takeApart(text);
  const wrong = misread(spec, entry, { sign, number, unit });
  return wrong ? { value: null, problem: { code: wrong } } : readNumber(spec, number, factorOf(spec, entry));
}

/** Why a text is no number of the field as it is; "" where it is one. */
function misread(spec, entry, { sign, number, unit }) {
  if (Number.isNaN(number)) return "not_a_number";
  if (sign) return "beyond";
  if (!unit) return "";
  const named = namedUnit(spec, unit);
  if (!named) return "unknown_unit";
  return named.name === entry.unit ? "" : "other_unit";
}

function readNumber(spec, typed, factor) {
  const value = typed * factor;
  const limits = { low: spec.low / factor, high: spec.high / factor };
  if (value < spec.low || value > spec.high) return { value: null, problem: { code: "limits", ...limits } };
  if (spec.kind === "integer" && !Number.isInteger(value)) return { value: null, problem: { code: "whole", ...limits } };
  return { value, problem: null };
}

/**
 * Read the whole form.
 * @param {object} form as GET /form describes it
 * @param {Object<string, {text: string, unit: string}>} entries by field
 * @param {Object<string, boolean>} byInputs fields that are given by their inputs instead
 * @returns {{patient: object, problems: object, needed: string[]}}
 *   the request, problems by field, required fields that are blank
 */
export function readForm(form, entries, byInputs) {
  const asked = askedFields(form, byInputs);
  const patient = {};
  const problems = {};
  const needed = [];
  for (const name of asked.filter((each) => comesUp(form, each, entries))) {
    const { value, problem } = readEntry(form.fields[name], entries[name]);
    if (problem) problems[name] = problem;
    else if (value !== null) patient[name] = value;
    else if (isRequired(form, name, byInputs)) needed.push(name);
  }
  return { patient, problems, needed };
}

/** Fields that are asked for: those of the groups, less the alternatives that were not chosen. */
export function askedFields(form, byInputs) {
  const hidden = new Set(
    Object.entries(form.derived).flatMap(([name, inputs]) => (byInputs[name] ? [name] : inputs)),
  );
  return form.groups.flatMap((group) => group.fields).filter((name) => !hidden.has(name));
}

/** Whether a field comes up with what is entered: some do with a few options of another field alone. */
export function comesUp(form, name, entries) {
  const condition = form.asked_if?.[name];
  return !condition || condition.options.includes(entries[condition.field].text);
}

/** Whether a field must be given; the inputs that stand for a required field must. */
export function isRequired(form, name, byInputs) {
  const standsFor = Object.keys(form.derived).find((derived) => form.derived[derived].includes(name));
  return form.fields[standsFor && byInputs[standsFor] ? standsFor : name].required;
}
