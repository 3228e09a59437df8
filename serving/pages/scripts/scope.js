// Above the risks: that they are not meant for this patient, that the model does not know the product, what else is warned of.

import { aboutPatient, OUTSIDE_USE, sentence } from "./cautions.js";
import { h } from "./dom.js";
import { panelLink } from "./panel.js";
import { CODE, productSentence, productWarning } from "./product_rates.js";
import { fieldLabel, typedValue } from "./wording.js";

/** Warnings of values outside the intended use. */
export function outsideUse(answer) {
  return answer.warnings.filter(({ code }) => code === OUTSIDE_USE);
}

/** Draw what must be read before the risks; null where there is nothing. */
export function scope(answer, context) {
  const parts = [outsideBand(answer, context), productBand(answer, context), leftOutBand(context), further(answer, context)].filter(Boolean);
  return parts.length ? h("div.scope", {}, parts) : null;
}

/** Every value outside the intended use, each in the sentence that note, print and JSON have, with the value as entered. */
function outsideBand(answer, context) {
  const { texts, form, entries } = context;
  const outside = outsideUse(answer);
  if (!outside.length) return null;
  const entered = (name) => name in entries && typedValue(name, form.fields[name], entries[name], texts);
  return h("section.outside-use", { "aria-labelledby": "outside-title" },
    h("h3", { id: "outside-title" }, h("span", { "aria-hidden": "true" }, "▲ "), texts.say("scope.outside")),
    h("ul", {}, outside.map((warning) => h("li", { "data-code": warning.code, "data-field": warning.field },
      sentence(warning, context), entered(warning.field) && ` ${texts.say("scope.entered", { value: entered(warning.field) })}`))));
}

function productBand(answer, { texts }) {
  const warning = productWarning(answer);
  return warning && h("p.product-unknown", { "data-code": CODE },
    h("span", { "aria-hidden": "true" }, "▲ "), productSentence(answer, warning, texts), " ", texts.say("scope.compare"));
}

/** Optional values that cannot be used: the answer is without them. */
function leftOutBand({ leftOut = [], texts, form }) {
  const names = leftOut.map((name) => fieldLabel(name, form.fields[name], texts)).join(", ");
  return names && h("p.left-out", {}, h("span", { "aria-hidden": "true" }, "▲ "), texts.say("scope.left_out", { fields: names }));
}

/** How many more warnings about this patient there are below the risks, and the way there. */
function further(answer, { texts }) {
  const count = aboutPatient(answer.warnings).length;
  return count > 0 && h("p.further", {}, panelLink("cautions", texts.count("scope.further", count)));
}
