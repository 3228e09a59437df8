// Warnings of the service, gravest first, in the words of the chosen language.

import { h } from "./dom.js";
import { fieldLabel, outcomeName } from "./wording.js";

const GRAVE = ["outside_intended_use", "outside_training_range", "rare_option", "required_input_missing"];
// Said at the top of the page already.
const SAID = ["synthetic_training_cohort"];

/** Warnings that are shown, those about this patient first. */
export function ordered(warnings) {
  const rank = (warning) => (GRAVE.includes(warning.code) ? GRAVE.indexOf(warning.code) : GRAVE.length);
  return warnings.filter((warning) => !SAID.includes(warning.code)).sort((one, other) => rank(one) - rank(other));
}

/** Draw the warnings; null where there are none. */
export function cautions(answer, context) {
  const shown = ordered(answer.warnings);
  if (!shown.length) return null;
  const { texts } = context;
  return h("section.card.cautions", { "aria-labelledby": "cautions-title" },
    h("h3", { id: "cautions-title" }, texts.say("cautions.title")),
    h("ul", {}, shown.map((warning) => h("li", { "data-code": warning.code, "data-grave": GRAVE.includes(warning.code) },
      h("span.sign", { "aria-hidden": "true" }, GRAVE.includes(warning.code) ? "▲" : "•"), inWords(warning, context)))));
}

/** A warning in words; the service's own where the language has none. */
export function inWords(warning, { texts, form }) {
  const key = `server.warnings.${warning.code}`;
  const message = warning.message.charAt(0).toUpperCase() + warning.message.slice(1);
  if (!texts.has(key)) return h("span", { lang: "en" }, message);
  const { field } = warning;
  const subject = field in form.fields ? fieldLabel(field, form.fields[field], texts) : outcomeName({ name: field, title: field }, texts);
  return texts.say(key, { subject, ...localized(warning.details ?? {}, texts) });
}

function localized(details, texts) {
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [
    name, typeof value === "number" ? texts.number(value) : name === "unit" ? texts.unit(value) : value]));
}
