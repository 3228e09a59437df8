// The whole answer for one patient, from outcomes to what it rests on.

import { behind } from "./behind.js";
import { cautions } from "./cautions.js";
import { curveOf } from "./curve.js";
import { h } from "./dom.js";
import { arranged, familyOf, pointAt } from "./families.js";
import { furtherOutcomes } from "./further.js";
import { ofHundred, range } from "./numbers.js";
import { panel } from "./panel.js";
import { axis } from "./plot.js";
import { productSentence, productWarning } from "./product_rates.js";
import { span } from "./reasons.js";
import { outsideUse, scope } from "./scope.js";
import { sheet } from "./sheet.js";
import { statesSentence } from "./states.js";
import { eventFreeOf, statesPanel } from "./states_panel.js";
import { takeaway } from "./takeaway.js";
import { strip } from "./strip.js";
import { unknown } from "./unknown.js";
import { horizon, outcomeName } from "./wording.js";

/**
 * Draw an answer.
 * @param {object} answer of POST /risk
 * @param {object} context texts, form, entries, focus, keepOpen, options and eventFree (elements)
 * @returns {{elements: Node[], copy: function(): void, spoken: string, outside: boolean}} `outside`: not meant for this patient
 */
export function drawAnswer(answer, context) {
  const drawn = { ...context, answer, widest: span(answer) };
  const taken = takeaway(answer, drawn);
  const { main, members, further } = arranged(answer);
  const elements = [
    scope(answer, drawn),
    h("div.outcomes.card", {}, main.map((outcome) => strip(outcome, drawn)), axis(drawn.texts)),
    context.options,
    h("div.panels", {}, overTime(main, drawn), furtherOutcomes(further, drawn), unknown(answer, drawn), cautions(answer, drawn),
      behind(answer, drawn), taken.element),
    sheet([...members, ...further], drawn),
  ];
  return { elements: elements.filter(Boolean), copy: taken.copy, spoken: spoken(answer, context.texts), outside: outsideUse(answer).length > 0 };
}

/** States and curves over time, and the question for a later day; null where every outcome has one horizon. */
function overTime(main, context) {
  const { texts, answer } = context;
  const families = answer.states ?? [];
  const curves = main.filter((outcome) => outcome.curve.length > 1);
  if (!curves.length) return null;
  return panel("over-time", texts.say("states.title"), context,
    families.map((family, place) => statesPanel(family, { ...context, question: place === 0 && context.eventFree })),
    curves.map((outcome) => h("section.curve-of", { "aria-labelledby": `over-time-${outcome.name}` },
      h("h4", { id: `over-time-${outcome.name}` }, texts.say("curve.title", { name: outcomeName(outcome, texts) })), curveOf(outcome, context))));
}

/** The main risks in one line, for a screen on which form and answer do not fit side by side. */
export function brief(answer, texts) {
  const risks = arranged(answer).main.map((outcome) => h("span", {}, outcomeName(outcome, texts), " ", h("strong.number", {}, ofHundred(outcome.risk, texts))));
  const outside = outsideUse(answer).length > 0 && h("strong.outside", {}, `▲ ${texts.say("scope.brief")}`);
  return [h("p", {}, outside, risks), h("a", { href: "#answer" }, texts.say("brief.see"))];
}

/** The answer for those who hear it: what it is not meant for, then one sentence a main outcome and one a family. */
function spoken(answer, texts) {
  const risks = arranged(answer).main.map((outcome) => texts.say("page.spoken", {
    name: outcomeName(outcome, texts), by: horizon(outcome.horizon_days, texts), risk: ofHundred(outcome.risk, texts),
    range: range(outcome.interval.low, outcome.interval.high, texts),
  }));
  const families = (answer.states ?? []).flatMap((family) => [
    statesSentence(pointAt(family, leading(family, answer)), family, answer, texts), ...afterwards(eventFreeOf(family, answer), answer, texts)]);
  const warning = productWarning(answer);
  return [
    outsideUse(answer).length > 0 && `${texts.say("scope.outside")}.`, warning && productSentence(answer, warning, texts), ...risks, ...families,
  ].filter(Boolean).join(" ");
}

/** Headline horizon of the outcome that leads a family. */
function leading(family, { outcomes }) {
  return outcomes.find((outcome) => familyOf(outcome, { states: [family] }))?.horizon_days;
}

/** The states after the day that was asked, by each horizon. */
function afterwards(later, answer, texts) {
  if (!later) return [];
  return [texts.say("states.event_free.spoken", { day: later.event_free_on_day }), ...later.curve.map((point) => statesSentence(point, later, answer, texts))];
}
