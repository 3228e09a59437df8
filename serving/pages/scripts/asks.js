// The question beside a field, with a button for each answer.

import { fill, h } from "./dom.js";
import { keptAs, question } from "./questions.js";

/**
 * Draw the question about an entry into its place; nothing where there is none.
 * @param {HTMLElement} place
 * @param {object} spec field of the form
 * @param {object} entry changed in place by an answer
 * @param {{texts: object, answered: function(): void}} context `answered` is called after an answer
 */
export function drawQuestion(place, spec, entry, { texts, answered }) {
  const asked = question(spec, entry);
  if (!asked) return fill(place);
  const take = (changes) => () => {
    delete entry.beyond;
    Object.assign(entry, changes);
    answered();
  };
  const button = (words, changes) => h("button.quiet", { type: "button", onclick: take(changes) }, words);
  return fill(place,
    h("p", {}, lead(asked, spec, texts)),
    h("p.buttons", {},
      asked.choices.map((choice) => button(yes(asked, choice, spec, texts), choice.entry)),
      asked.keep && button(texts.say("asks.keep", { text: entry.text.trim(), unit: texts.unit(entry.unit) }).trim(), { kept: keptAs(entry) }),
      asked.blank && button(texts.say("form.unknown"), { text: "" })));
}

/** "Is it µmol/L? Then the value is 0.905 mg/dL." */
function lead({ kind, choices }, spec, texts) {
  if (kind !== "unit") return texts.say(`asks.${kind}`);
  return choices.length > 1 ? texts.say("asks.which_unit") : texts.say("asks.unit", inWords(choices[0], spec, texts));
}

function yes({ kind, choices }, choice, spec, texts) {
  if (kind === "two_ways") return choice.entry.text;
  if (kind === "beyond") return texts.say("asks.use_limit", { text: choice.entry.text });
  return texts.say(choices.length > 1 ? "asks.unit_and_value" : "asks.yes", inWords(choice, spec, texts));
}

function inWords({ unit, value }, spec, texts) {
  return { unit: texts.unit(unit), value: texts.number(value, 3), own: texts.unit(spec.unit, value) };
}
