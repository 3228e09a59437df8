// What to ask about a number that cannot be right, or is likelier in another unit; each answer is one button.

import { namedUnit, takeApart, twoWays } from "./typed.js";

const MOST_OFFERED = 2;
// Often codes for an unknown value: no slip explains them.
const FILLERS = [99, 999, 9999];

/**
 * The question about an entry.
 * @param {object} spec field of the form
 * @param {{text: string, unit: string, kept?: string}} entry
 * @returns {null|{kind: string, choices: {entry: object, unit?: string, value?: number}[], keep: boolean, blank: boolean}}
 *   `kind` unit, two_ways or beyond; a choice's `entry` is what the entry becomes, its `value` is in the schema's unit;
 *   `keep` whether the entry may stay as it is, `blank` whether it may become unknown
 */
export function question(spec, entry) {
  if (entry.text.trim() === "" || !["number", "integer"].includes(spec.kind)) return null;
  const { sign, text, number, unit } = takeApart(entry.text);
  const both = twoWays(text);
  if (both) return asked("two_ways", both.map((way) => ({ entry: { text: way + (unit && ` ${unit}`), unit: entry.unit } })));
  if (Number.isNaN(number)) return null;
  if (sign) return asked("beyond", [{ entry: { text: unit ? `${text} ${unit}` : text, unit: entry.unit, beyond: { sign, text } } }], { blank: !spec.required });
  const chosen = unit ? namedUnit(spec, unit) : spec.units.find(({ name }) => name === entry.unit);
  if (!chosen) return null;
  if (chosen.name !== entry.unit) return asked("unit", [choice(spec, chosen, number, text)]);
  return aboutUnit(spec, entry, chosen, { number, text });
}

/** Whether the entry was confirmed as it is. */
export function isKept(entry) {
  return entry.kept === keptAs(entry);
}

/** What an entry is kept as: another number or unit is asked about again. */
export function keptAs(entry) {
  return `${entry.text.trim()} ${entry.unit}`;
}

function aboutUnit(spec, entry, chosen, { number, text }) {
  const value = number * chosen.factor;
  const possible = isPossible(spec, value);
  if (possible && (isKept(entry) || isUsual(spec, value))) return null;
  const slips = FILLERS.includes(number) ? [] : spec.slips ?? [];
  const others = [...spec.units, ...slips].filter((unit) => unit.name !== chosen.name);
  const usual = others.filter((unit) => spec.usual && isPossible(spec, number * unit.factor) && isUsual(spec, number * unit.factor));
  const offered = spec.units.filter((unit) => !possible && unit !== chosen && isPossible(spec, number * unit.factor));
  const likely = usual.length ? usual : offered;
  return asked("unit", likely.slice(0, MOST_OFFERED).map((unit) => choice(spec, unit, number, text)), { keep: possible });
}

function asked(kind, choices, { keep = false, blank = false } = {}) {
  return choices.length ? { kind, choices, keep, blank } : null;
}

/** Another unit: chosen where the field offers it, otherwise the number is converted. */
function choice(spec, unit, number, text) {
  const value = number * unit.factor;
  const isOffered = spec.units.some(({ name }) => name === unit.name);
  const entry = isOffered ? { text, unit: unit.name } : { text: String(Number(value.toPrecision(6))), unit: spec.units[0].name };
  return { entry, unit: unit.name, value };
}

function isPossible(spec, value) {
  return value >= spec.low && value <= spec.high && (spec.kind !== "integer" || Number.isInteger(value));
}

function isUsual(spec, value) {
  return !spec.usual || value === 0 || (value >= spec.usual[0] && value <= spec.usual[1]);
}
