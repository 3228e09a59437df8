// Measured figures as people read them: fixed decimals, a true minus, an interval in words.

import { MEASURES } from "./measures.js";
import { hundredfold } from "./numbers.js";

/** How a figure is written that the catalogue does not have. */
const UNKNOWN = { decimals: 3, hundred: false, signed: false };

/** The paired gain in log loss. */
export const GAIN = "log_loss_gain_over_prevalence";

const NET_BENEFIT = /^net_benefit_at_(\d+)$/;

/** Figures in the order in which they are read; a figure that is not here comes last. */
export const ORDER = Object.keys(MEASURES);

/**
 * What kind of figure a name is.
 * @param {string} name as in the card: "auroc", "net_benefit_at_20"
 * @returns {{kind: string, threshold: number|null}} threshold in percent, of a net benefit
 */
export function kindOf(name) {
  const found = NET_BENEFIT.exec(name);
  return found ? { kind: "net_benefit", threshold: Number(found[1]) } : { kind: name, threshold: null };
}

/** Names of figures in the order of reading. */
export function ordered(names) {
  const place = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...names].sort((one, other) => place(one) - place(other));
}

/**
 * A number with fixed decimals in the language of the page.
 * @param {number} value
 * @param {number} decimals
 * @param {import("./texts.js").Texts} texts
 * @param {boolean} [signed] whether a positive number has its sign
 */
export function decimal(value, decimals, texts, signed = false) {
  const sign = signed ? "exceptZero" : "negative";
  const format = new Intl.NumberFormat(texts.language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay: sign });
  return format.format(value).replace("-", "−");
}

/** A share in whole percents, with the sign of percent as the language writes it. */
export function share(value, texts, decimals = 0) {
  return texts.say("model.percent", { n: decimal(hundredfold(value), decimals, texts) });
}

/** A number of infusions; words in place of a small one, which is null. */
export function countWords(count, texts) {
  return count === null ? texts.say("model.masked") : texts.number(count);
}

/** Value of a figure as text; a dash where it could not be computed. */
export function valueText(name, value, texts) {
  if (value === null || value === undefined) return "–";
  const { decimals, hundred, signed } = MEASURES[name] ?? UNKNOWN;
  return decimal(hundred ? hundredfold(value) : value, decimals, texts, signed);
}

/** Interval of a figure as text; a dash where there is none. */
export function intervalText(name, { low, high }, texts) {
  if (low === null || high === null || low === undefined || high === undefined) return "–";
  return texts.say("model.interval", { low: valueText(name, low, texts), high: valueText(name, high, texts) });
}

/**
 * What a paired gain says.
 * @param {{value: number|null, low: number|null, high: number|null}} gain above 0 the model is better
 * @returns {"better"|"worse"|"open"|"unknown"} "open" where the interval includes 0
 */
export function verdictOf({ value, low, high }) {
  if (value === null || low === null || high === null) return "unknown";
  if (low > 0) return "better";
  return high < 0 ? "worse" : "open";
}

/** Whether a cohort has both the infusions and the events that were asked for. */
export function sizeSuffices({ n, n_needed, events, events_needed }) {
  return n >= n_needed && events >= events_needed;
}
