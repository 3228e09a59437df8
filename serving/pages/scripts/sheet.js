// On paper alone, below the risks: the other outcomes, warnings and missing values in short, what was entered, a line to sign.

import { behindRows } from "./behind.js";
import { aboutPatient, ordered, sentence } from "./cautions.js";
import { claim } from "./chips.js";
import { h } from "./dom.js";
import { asShown } from "./families.js";
import { ofHundred, range } from "./numbers.js";
import { comparators } from "./outcome_card.js";
import { unknownFields } from "./product_label.js";
import { byBenefit } from "./unknown.js";
import { staleUse } from "./value_age.js";
import { fieldLabel, horizon, outcomeName, typedValue } from "./wording.js";

// Said in a band above the risks, or beside each risk.
const SAID = ["outside_intended_use", "product_not_in_model", "not_validated", "below_recommended_size", "published_evidence_only", "no_individual_signal"];
const BETWEEN = " · ";

/**
 * Draw the lower part of the sheet.
 * @param {object[]} others outcomes after the main ones
 * @param {object} context texts, form, entries, answer, at
 */
export function sheet(others, context) {
  const { texts, form, answer } = context;
  const label = (name) => fieldLabel(name, form.fields[name], texts);
  const missing = byBenefit(answer).map(label).join(", ");
  return h("section.sheet", {},
    others.length > 0 && h("table", {}, h("tbody", {}, others.map((outcome) => row(asShown(outcome, answer), context)))),
    warnings(context),
    missing && part("sheet-missing", texts.say("unknown.counted", { n: unknownFields(answer).length }), missing),
    h("p.sheet-behind", {}, behindRows(answer, texts).map(([key, words], place) => [place > 0 && BETWEEN, h("strong", {}, texts.say(key)), `: ${words}`])),
    entered(context));
}

function part(name, title, words) {
  return h(`p.${name}`, {}, h("strong", {}, title), `: ${words}`);
}

/** An outcome in a line: number, interval, what others would say, and what may be claimed. */
function row(outcome, context) {
  const { texts, answer } = context;
  const others = comparators(outcome, texts, { published: !(answer.cohort?.trained ?? true) }).map(({ text }) => text).join(", ");
  return h("tr", { "data-sheet": outcome.name },
    h("th", { scope: "row" }, h("strong", {}, outcomeName(outcome, texts)), " ", texts.say("page.by", { horizon: horizon(outcome.horizon_days, texts) })),
    h("td", {}, h("strong.number", {}, ofHundred(outcome.risk, texts)), ` ${texts.say("page.of_100")} `,
      texts.say("states.interval", { range: range(outcome.interval.low, outcome.interval.high, texts) })),
    h("td", {}, others), h("td", {}, claim(outcome, context), staleUse(outcome, context)));
}

/** Those about the patient in lines of their own, the others one after the other. */
function warnings(context) {
  const { answer } = context;
  const own = aboutPatient(answer.warnings);
  const rest = ordered(answer.warnings).filter((warning) => !SAID.includes(warning.code) && !own.includes(warning));
  const words = (warning) => sentence(warning, context);
  return [own.map((warning) => h("p.sheet-warning", {}, h("strong", {}, `▲ ${words(warning)}`))),
    rest.length > 0 && h("p.sheet-warning", {}, rest.map(words).join(BETWEEN))];
}

/** What was entered, when it was asked of which model, and a line to sign. */
function entered({ texts, form, entries, answer, at }) {
  const known = Object.entries(entries)
    .map(([name, entry]) => [fieldLabel(name, form.fields[name], texts), typedValue(name, form.fields[name], entry, texts)])
    .filter(([, value]) => value);
  return h("section.entered", {}, h("h3", {}, texts.say("page.entered")),
    h("p", {}, known.map(([label, value]) => `${label}: ${value}`).join(BETWEEN), ". ",
      texts.say("sheet.asked", { when: texts.moment(at), version: answer.bundle.version, digest: answer.bundle.digest.slice(7, 15) })),
    h("p.signature", {}, texts.say("sheet.signature")));
}
