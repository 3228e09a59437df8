// The risks of each option, and how far each is from the risk as entered.

import { sentence } from "./cautions.js";
import { h } from "./dom.js";
import { capitalized } from "./facts.js";
import { ofHundred, percent, points } from "./numbers.js";
import { byLabel } from "./product_label.js";
import { CODE, productSentence } from "./product_rates.js";
import { stateName } from "./states.js";
import { statesAt, wholeWords } from "./families.js";
import { horizon, labelValue, optionLabel, outcomeName, fieldLabel } from "./wording.js";

/** The letter of an option; the patient as entered is A. */
export function letter(place) {
  return String.fromCharCode("B".charCodeAt(0) + place);
}

/**
 * Rows of the table: main outcomes, and the states that belong to them.
 * @param {object} answer of POST /risk/options
 * @param {{texts: object, form: object, options: object[], asked: number[]}} panel `asked` are the places of the options in the answer
 * @returns {{rows: Node[], remarks: Node[]}}
 */
export function resultRows(answer, panel) {
  const { texts, options, asked } = panel;
  const main = answer.base.outcomes.filter((outcome) => outcome.main);
  const at = (place) => answer.options[asked.indexOf(place)];
  const columns = options.map((_, place) => at(place));
  const outcomes = main.map((outcome) => row(outcomeLabel(outcome, texts), ofHundred(outcome.risk, texts), columns.map((option) => {
    const own = option?.outcomes.find(({ name }) => name === outcome.name);
    return own && cell(ofHundred(own.risk, texts), percent(own.risk) - percent(outcome.risk), own.difference, texts);
  }), outcome.name));
  const states = answer.base.states.flatMap((family, which) => stateRows(family, which, { answer, columns, texts }));
  return { rows: [...outcomes, ...states, basisRow(columns, texts)], remarks: remarks(columns, panel) };
}

function outcomeLabel(outcome, texts) {
  return [outcomeName(outcome, texts), " ", h("span.unseen", {}, texts.say("page.by", { horizon: horizon(outcome.horizon_days, texts) }))];
}

/** Of a family the states after the first, which is a main outcome: death without it, and neither. */
function stateRows(family, which, { answer, columns, texts }) {
  const [point] = family.curve;
  const named = { outcomes: answer.base.outcomes };
  return statesAt(point, family).map((state, place) => place > 0 && row(
    [capitalized(stateName(state, family, named, texts, "state")), " ", h("span.unseen", {}, texts.say("page.by", { horizon: horizon(point.horizon_days, texts) }))],
    wholeWords(state.whole, texts),
    columns.map((option) => {
      if (!option) return null;
      const own = statesAt(option.states[which].curve[0], option.states[which])[place];
      const differences = option.state_differences[which];
      return cell(wholeWords(own.whole, texts), own.whole - state.whole, state.name ? differences.outcomes[state.name] : differences.neither, texts);
    }), state.name || "neither")).filter(Boolean);
}

function row(label, entered, cells, name) {
  return h("tr", { "data-result": name }, h("th", { scope: "row" }, label), h("td.number", {}, h("strong", {}, entered)),
    cells.map((found) => h("td.number", {}, found)));
}

/** "7  −14 (−24 to −2)". */
function cell(risk, change, { low, high }, texts) {
  const ends = [low, high].map((end) => points(end));
  const range = ends[0] === ends[1] ? ends[0] : texts.say("numbers.between", { low: ends[0], high: ends[1] });
  const none = noDifference({ low, high }, ends);
  return [h("span.listed", {}, h("strong", {}, risk), " ", h(`span.change.${change > 0 ? "up" : change < 0 ? "down" : "same"}`, {}, points(change / 100)), " ",
    h("span.quiet", {}, texts.say("states.interval", { range }))), none && [" ", h("span.listed", {}, texts.say(`compare.${none}`))]];
}

/** Whether an interval contains 0, by its exact ends; where only rounding says so, that it does not. */
function noDifference({ low, high }, ends) {
  if (ends.every((end) => end === "0")) return "";
  if (low <= 0 && high >= 0) return "may_be_none";
  return ends.includes("0") ? "not_none" : "";
}

/** What the differences of a column rest on. */
function basisRow(columns, texts) {
  const words = (option) => {
    const bases = new Set(option?.outcomes.filter(({ main }) => main).map(({ difference }) => difference.basis).filter(Boolean));
    return [...bases].map((basis) => texts.say(`compare.basis.${basis}`, {}, basis)).join("; ");
  };
  return h("tr.basis", {}, h("th", { scope: "row" }, texts.say("compare.differences")), h("td"), columns.map((option) => h("td.quiet", {}, option && words(option))));
}

/** What changed along with an option, what cannot be compared, and warnings that only the option has. */
function remarks(columns, { texts, form }) {
  const label = (name) => fieldLabel(name, form.fields[name], texts);
  return columns.flatMap((option, place) => {
    if (!option) return [];
    const named = (key, fields) => fields.length > 0 && h("p", {}, texts.say(`compare.${key}`, { letter: letter(place), fields: fields.join(", ") }));
    // A name goes with its product: nothing to tell.
    const shown = option.changed.filter(({ field, followed }) => followed && form.fields[field]?.use !== "name");
    const followed = shown.map((change) => `${label(change.field)} ${valueWords(change, option, texts)}`);
    const warnings = option.warnings.map((warning) => h("p.warned", {}, h("span", { "aria-hidden": "true" }, "▲ "),
      texts.say("compare.warning", { letter: letter(place) }), " ", inShort(warning, option, { texts, form })));
    return [named("followed", followed), named("without_effect", option.without_effect.map(label)), ...warnings].filter(Boolean);
  });
}

/** A warning in one sentence; published rates of a product are in the answer for it. */
function inShort(warning, option, context) {
  return warning.code === CODE ? productSentence(option, warning, context.texts) : sentence(warning, context);
}

/** The values that followed from what an option states, by field, in words; without the unit that the field's entry has. */
export function followedWords(option, entries, texts) {
  const followed = option.changed.filter((change) => change.followed);
  return Object.fromEntries(followed.map(({ field, value, unit }) =>
    [field, valueWords({ field, value, unit: unit === entries[field]?.unit ? "" : unit }, option, texts)]));
}

/** A value of an option in words. */
function valueWords({ field, value, unit }, option, texts) {
  if (value === null) return labelValue(field, byLabel(field, option), texts) || texts.say("form.unknown");
  return typeof value === "number" ? `${texts.number(value, 3)} ${texts.unit(unit, value)}`.trim() : optionLabel(field, String(value), texts);
}
