// What was typed in a number's field, taken apart: the sign of a laboratory's limit, the number, the unit.

import { typedNumber } from "./numbers.js";

const SIGNS = { "<": "<", ">": ">", "≤": "<", "≥": ">", "<=": "<", ">=": ">" };
const PARTS = /^(<=|>=|[<>≤≥])?\s*([+-]?\d[\d.,\s]*|[+-]?[.,]\d+)\s*(.*)$/;
const RAISED = { "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9" };

/**
 * Take an entry apart.
 * @param {string} text as it was typed
 * @returns {{sign: string, text: string, number: number, unit: string}}
 *   `text` is the number as it was typed, `number` NaN where it is none, `unit` what follows it
 */
export function takeApart(text) {
  const whole = text.trim().replace("−", "-");
  const number = typedNumber(whole);
  if (!Number.isNaN(number)) return { sign: "", text: whole, number, unit: "" };
  const found = PARTS.exec(whole);
  if (!found) return { sign: "", text: whole, number: NaN, unit: "" };
  const [, sign = "", digits, unit] = found;
  return { sign: SIGNS[sign] ?? "", text: digits.trim(), number: typedNumber(digits), unit: unit.trim() };
}

/** A number that can be read in two ways, "1,200", as both; null where it cannot. */
export function twoWays(text) {
  const found = /^([+-]?[1-9]\d{0,2}),(\d{3})$/.exec(text);
  return found && [`${found[1]}${found[2]}`, `${found[1]}.${found[2]}`.replace(/\.?0+$/, "")];
}

/**
 * The unit of a field that a text names, by its own name or as the page shows it.
 * @returns {{name: string, factor: number}|undefined}
 */
export function namedUnit(spec, text) {
  const wanted = plain(text);
  return allUnits(spec).find(({ name }) => plain(name) === wanted || plain(spec.shown?.[name] ?? name) === wanted);
}

/** Units of a field: those it offers, and those that are written by mistake only. */
export function allUnits(spec) {
  return [...spec.units, ...(spec.slips ?? [])];
}

function plain(unit) {
  const raised = unit.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (digits) => `^${[...digits].map((digit) => RAISED[digit]).join("")}`);
  return raised.toLowerCase().replace(/\s|×|\^|\.$/g, "").replace(/[µμ]/g, "u");
}
