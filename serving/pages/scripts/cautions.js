// Warnings of the service, gravest first, in the words of the chosen language.

import { h } from "./dom.js";
import { capitalized, reasonSentences } from "./facts.js";
import { panel } from "./panel.js";
import { fieldLabel, optionLabel, outcomeName } from "./wording.js";

export const OUTSIDE_USE = "outside_intended_use";
// Shown in a band above the risks.
const BANDED = [OUTSIDE_USE, "product_not_in_model"];
const GRAVE = [...BANDED, "outside_training_range", "rare_option", "required_input_missing"];
// Said at the top of the page already.
const SAID = ["synthetic_training_cohort"];

/** Warnings that are shown, those about this patient first. */
export function ordered(warnings) {
  const rank = (warning) => (GRAVE.includes(warning.code) ? GRAVE.indexOf(warning.code) : GRAVE.length);
  return warnings.filter((warning) => !SAID.includes(warning.code)).sort((one, other) => rank(one) - rank(other));
}

/** Warnings below the risks that are about this patient, not about the model. */
export function aboutPatient(warnings) {
  return below(warnings).filter(({ code }) => GRAVE.includes(code));
}

function below(warnings) {
  return ordered(warnings).filter(({ code }) => !BANDED.includes(code));
}

/** Draw the warnings that have no band above the risks; null where there are none. */
export function cautions(answer, context) {
  const shown = below(answer.warnings);
  if (!shown.length) return null;
  const { texts } = context;
  return panel("cautions", texts.say("cautions.counted", { n: shown.length }), context,
    h("ul", {}, shown.map((warning) => h("li", { "data-code": warning.code, "data-grave": GRAVE.includes(warning.code) },
      h("span.sign", { "aria-hidden": "true" }, GRAVE.includes(warning.code) ? "▲" : "•"), h("span", {}, inWords(warning, context))))));
}

/** A warning in words, with its reasons; marked as English where they are the service's own. */
export function inWords(warning, context) {
  const words = sentence(warning, context);
  if (!context.texts.has(key(warning))) return h("span", { lang: "en" }, words);
  const { reasons, note, reason, facts } = warning.details ?? {};
  const english = reasons ?? note ?? reason;
  return english ? [words, reasonSentences(facts, [english], context.texts)] : words;
}

/** A warning as a sentence: in the language's own words, else the service's. */
export function sentence(warning, { texts, form }) {
  const message = capitalized(warning.message);
  const { field } = warning;
  const subject = field in form.fields ? fieldLabel(field, form.fields[field], texts) : outcomeName({ name: field, title: field }, texts);
  return texts.say(key(warning), { subject, ...localized(warning, texts) }, message);
}

function key(warning) {
  return `server.warnings.${warning.code}`;
}

function localized({ code, field, details = {} }, texts) {
  const words = Object.fromEntries(Object.entries(details).map(([name, value]) => [
    name, typeof value === "number" ? texts.number(value) : ["unit", "expected"].includes(name) ? texts.unit(value) : value]));
  return code === OUTSIDE_USE ? { ...words, intended: intended(field, words, texts) } : words;
}

/** What a value is meant to be: one of some options, or within a limit that the language has words for. */
function intended(field, details, texts) {
  const { intended: options } = details;
  if (!options) return texts.say(`server.intended.${field}`, details);
  return options.map((option) => optionLabel(field, option, texts)).join(` ${texts.say("server.intended.or", {}, "or")} `);
}
