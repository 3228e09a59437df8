// The publications that the model's prior effects rest on, and where the model is written down in full.

import { table, wide } from "./chart_parts.js";
import { h } from "./dom.js";
import { sourceLink } from "./sources.js";
import { fieldLabel, outcomeName } from "./wording.js";

/**
 * Publications, each with the outcomes and inputs whose prior effect rests on it.
 * @param {object} card
 * @param {object} form as GET /form describes it: names of fields
 * @param {import("./texts.js").Texts} texts
 */
export function sourceParts(card, form, texts) {
  const say = (key) => texts.say(`model.sources.${key}`);
  const found = card.sources ?? [];
  if (!found.length) return h("p", {}, say("none"));
  const title = texts.count("model.sources.count", found.length);
  const rows = found.map(({ source, fields }) => [sourceLink(source), Object.entries(fields).map(([name, used]) => rests(name, used, card, form, texts))]);
  return [
    h("p", {}, say("words")),
    h("details", {}, h("summary", {}, title), wide(title, h("div.sources-table", {}, table([say("source"), say("rests")], rows, title)))),
  ];
}

function rests(name, used, card, form, texts) {
  const outcome = card.outcomes.find((one) => one.name === name) ?? { name, title: name };
  const labels = used.map((field) => fieldLabel(field, form.fields[field], texts)).join(", ");
  return h("p", {}, h("strong", {}, outcomeName(outcome, texts)), `: ${labels}`);
}

/** Where coefficients, trees, a worked example and the checklist are. */
export function fullParts(card, texts) {
  const say = (key) => texts.say(`model.full.${key}`);
  const version = /^\d+(-[0-9a-f]{6})?$/.test(card.bundle.version) ? card.bundle.version : "--bundle DIR";
  return [
    h("p", {}, say("words")),
    wide(say("title"), h("pre", {}, h("code", {}, `cart-outcomes report ${version} --out report.html --json report.json`))),
    h("p.note", {}, say("twin")),
  ];
}
