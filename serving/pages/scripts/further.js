// Outcomes that follow the main ones: the risk in one line, everything else folded.

import { chip, isWeak } from "./chips.js";
import { curveOf } from "./curve.js";
import { h } from "./dom.js";
import { asShown } from "./families.js";
import { ofHundred, range } from "./numbers.js";
import { bothSides, compared, standing, why } from "./outcome_card.js";
import { panel } from "./panel.js";
import { productRates } from "./product_rates.js";
import { onLine } from "./strip.js";
import { staleUse } from "./value_age.js";
import { horizon, outcomeName } from "./wording.js";

/** Draw the outcomes that follow; null where there are none. */
export function furtherOutcomes(outcomes, context) {
  if (!outcomes.length) return null;
  return panel("further-outcomes", context.texts.say("further.title"), context,
    h("div.compact-list", {}, outcomes.map((outcome) => furtherOutcome(outcome, context))));
}

/**
 * Draw one outcome in short.
 * @param {object} outcome
 * @param {object} context texts, form, entries, answer, widest, keepOpen
 */
export function furtherOutcome(outcome, context) {
  return compact(asShown(outcome, context.answer), context);
}

function compact(outcome, context) {
  const { texts, answer, keepOpen } = context;
  const by = texts.say("page.by", { horizon: horizon(outcome.horizon_days, texts) });
  const id = `outcome-${outcome.name}`;
  return h("article.compact", { "aria-labelledby": id, "data-outcome": outcome.name, "data-weak": isWeak(outcome, answer) },
    h("h4", { id }, outcomeName(outcome, texts), " ", h("span.quiet", {}, by)),
    h("p", {}, h("strong.compact-risk.number", {}, ofHundred(outcome.risk, texts)), " ", texts.say("page.of_100"), " ",
      h("span.range", {}, texts.say("states.interval", { range: range(outcome.interval.low, outcome.interval.high, texts) }))),
    onLine(outcome, context), chip(outcome, context), staleUse(outcome, context),
    keepOpen(`further-${outcome.name}`, h("details.more", {}, h("summary", {}, texts.say("further.details")),
      h("div.compact-details", {}, h("p", {}, bothSides(outcome, by, texts)), compared(outcome, context), productRates(outcome, context),
        curveOf(outcome, context), why(outcome, context), standing(outcome, context)))));
}
