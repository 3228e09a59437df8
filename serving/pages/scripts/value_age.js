// How old a laboratory value is: asked beside a value that was entered, kept in the page, never sent.

import { fill, h } from "./dom.js";
import { withinSentence } from "./facts.js";

// Laboratory values before lymphodepletion change within days; after a week a value says little of the patient now.
export const STALE_DAYS = 7;
const EASIX_INPUTS = ["ldh_u_l", "creatinine_mg_dl", "platelets_1e9_l"];

/** The age of an entry in whole days; null where none is given. */
export function ageOf(entry) {
  return /^\d{1,3}$/.test(entry?.age ?? "") ? Number(entry.age) : null;
}

/** "3 days old", "12 days old, stale", for the note and the printed page; empty where it is not known. */
export function ageWords(entry, texts) {
  const days = ageOf(entry);
  if (days === null) return "";
  return [texts.count("value_age.old", days), isStale(entry) && texts.say("value_age.is_stale")].filter(Boolean).join(", ");
}

function isStale(entry) {
  return ageOf(entry) > STALE_DAYS && entry.text.trim() !== "";
}

/** That an outcome's number, or EASIX or a score beside it, uses old values; null where it uses none. */
export function staleUse(outcome, { entries, form, texts }) {
  const beside = [outcome.easix, ...(outcome.scores ?? [])].filter((each) => typeof each?.risk === "number").flatMap((each) => each.inputs ?? EASIX_INPUTS);
  const used = (name) => beside.includes(name) || (outcome.field_use[name] ?? "unused") !== "unused";
  const words = Object.entries(entries).filter(([name, entry]) => isStale(entry) && used(name)).map(([name, entry]) =>
    texts.say("value_age.used", { field: withinSentence(texts.say(`fields.${name}`, {}, form.fields[name].title)), age: texts.count("value_age.old", ageOf(entry)) }));
  return words.length ? h("p.stale-use", {}, `▲ ${words.join("; ")}`) : null;
}

/**
 * Draw the question for the age of a value.
 * @param {string} id of the value's input
 * @param {{text: string, age?: string}} entry changed in place
 * @param {{texts: object, label: string, changed: function(): void}} context
 * @returns {{element: HTMLElement, update: function(): void}} hidden by `update` while there is no value
 */
export function drawAge(id, entry, { texts, label, changed }) {
  const stale = h("span.stale", { "aria-live": "polite" });
  const input = h("input", {
    id: `${id}-age`, type: "text", inputmode: "numeric", maxlength: 3, autocomplete: "off", value: entry.age ?? "",
    oninput: () => { entry.age = input.value.trim(); update(); changed(); },
  });
  const element = h("p.age", {}, h("label", { for: `${id}-age` }, texts.say("value_age.question"), h("span.unseen", {}, `: ${label}`)), " ", input, " ", stale);
  const update = () => {
    element.hidden = entry.text.trim() === "";
    const days = ageOf(entry);
    fill(stale, days !== null && days > STALE_DAYS && `▲ ${texts.say("value_age.stale", { days: STALE_DAYS })}`,
      entry.age && days === null && `▲ ${texts.say("value_age.wrong")}`);
  };
  update();
  return { element, update };
}
