// Risks as people read them: whole percents, no false precision.

/** A hundred times a number, without what doubles add to it: of 0.285 it is 28.5, not 28.499999999999996. */
export function hundredfold(number) {
  return Number((100 * number).toPrecision(15));
}

/** Percent of a risk, rounded to a whole one: 0 to 100. */
export function percent(risk) {
  return Math.round(hundredfold(risk));
}

/**
 * A risk in whole percents, in words where rounding would say "never" or "always".
 * @param {number} risk 0 to 1
 * @param {import("./texts.js").Texts} texts
 */
export function ofHundred(risk, texts) {
  if (risk < 0.005) return texts.say("numbers.less_than_one");
  if (risk >= 0.995) return texts.say("numbers.more_than_99");
  return String(percent(risk));
}

/** "12 to 33", "<1 to 5", or one number where both ends round to it. */
export function range(low, high, texts) {
  const ends = [low, high].map((risk) => ofHundred(risk, texts));
  if (ends[0] === ends[1]) return texts.say("numbers.about", { low: ends[0] });
  return texts.say("numbers.between", { low: low < 0.005 ? "<1" : ends[0], high: high >= 0.995 ? ">99" : ends[1] });
}

/** Difference of two risks in points, as signed whole number: "+7", "−3", "0". */
export function points(change) {
  const whole = Math.round(hundredfold(change));
  if (whole === 0) return "0";
  return `${whole > 0 ? "+" : "−"}${Math.abs(whole)}`;
}

/** Risk from log-odds. */
export function expit(logOdds) {
  return 1 / (1 + Math.exp(-logOdds));
}

/** Log-odds of a risk, kept finite. */
export function logit(risk) {
  const inside = Math.min(Math.max(risk, 1e-12), 1 - 1e-12);
  return Math.log(inside / (1 - inside));
}

/**
 * A number as somebody typed it: decimal comma or point, spaces between thousands.
 * @returns {number} NaN where it is none
 */
export function typedNumber(text) {
  // "1,200" may mean 1200 or 1.2: better asked again than read wrongly.
  if (/^\s*[+-]?[1-9]\d{0,2},\d{3}\s*$/.test(text)) return NaN;
  const plain = text.trim().replace(/(\d)\s(?=\d{3}(?!\d))/g, "$1").replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}
