// What is asked about a number: in another unit, in two ways, at a limit of the laboratory.

import assert from "node:assert/strict";
import { test } from "node:test";

import { drawQuestion } from "../../serving/pages/scripts/asks.js";
import { keptAs, question } from "../../serving/pages/scripts/questions.js";
import { emptyEntry, readEntry } from "../../serving/pages/scripts/reading.js";
import { namedUnit, takeApart, twoWays } from "../../serving/pages/scripts/typed.js";
import { typedValue } from "../../serving/pages/scripts/wording.js";
import { makeForm, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const RU = textsOf("ru");
const { creatinine_mg_dl: CREATININE, ferritin_ug_l: FERRITIN } = makeForm().fields;
const BLASTS = { ...FERRITIN, unit: "%", units: [{ name: "%", factor: 1 }], slips: [{ name: "fraction", factor: 100 }], low: 0, high: 100, usual: [1, 100], required: true };
const FLUDARABINE = {
  ...FERRITIN, unit: "mg/m2", units: [{ name: "mg/m2", factor: 1 }], low: 0, high: 250, usual: [60, 200],
  slips: [{ name: "mg/m2 a day, for 3 days", factor: 3 }, { name: "mg/m2 a day, for 4 days", factor: 4 }],
};

function entry(spec, text, unit) {
  return { ...emptyEntry(spec), text, ...(unit && { unit }) };
}

function asked(spec, text, unit) {
  return question(spec, entry(spec, text, unit));
}

/** What a question says, and its buttons. */
function shown(spec, text, { texts = EN, unit } = {}) {
  standIn();
  const place = globalThis.document.createElement("div");
  const typed = entry(spec, text, unit);
  drawQuestion(place, spec, typed, { texts, answered: () => {} });
  const buttons = everything(place).filter(({ tag }) => tag === "button");
  return { typed, words: textOf(place.children[0] ?? ""), buttons, labels: buttons.map(textOf) };
}

for (const [text, sign, number, unit] of [
  ["62 %", "", 62, "%"], ["62%", "", 62, "%"], ["<0.01", "<", 0.01, ""], ["> 2 000", ">", 2000, ""], ["≤0,5 mg/L", "<", 0.5, "mg/L"],
  [">=100", ">", 100, ""], ["80 µmol/L", "", 80, "µmol/L"], ["0,9", "", 0.9, ""], ["1e3", "", 1000, ""], ["−3", "", -3, ""], ["45 10^9/L", "", NaN, ""],
]) {
  test(`"${text}" is taken apart`, () => {
    const found = takeApart(text);
    assert.equal(found.sign, sign);
    if (!Number.isNaN(number)) assert.deepEqual([found.number, found.unit], [number, unit]);
  });
}

test("what is no number has no number", () => {
  for (const text of ["thirty", "-", "<", "% 62", "1.2.3"]) assert.ok(Number.isNaN(takeApart(text).number), text);
});

test("a unit is known by its name and as it is shown, in any writing of it", () => {
  const spec = { ...CREATININE, shown: { "umol/L": "мкмоль/л" } };
  for (const text of ["umol/L", "µmol/l", "μmol/L", "мкмоль/л"]) assert.equal(namedUnit(spec, text).name, "umol/L", text);
  const platelets = { units: [{ name: "10^9/L", factor: 1 }], slips: [] };
  for (const text of ["×10⁹/L", "10^9/l", "x"]) assert.equal(namedUnit(platelets, text)?.name, text === "x" ? undefined : "10^9/L");
});

test("the field's own unit after the number is read, in the chosen unit too", () => {
  assert.equal(readEntry(BLASTS, entry(BLASTS, "62 %")).value, 62);
  assert.equal(readEntry(CREATININE, entry(CREATININE, "0,9 mg/dL")).value, 0.9);
  assert.ok(Math.abs(readEntry(CREATININE, entry(CREATININE, "88.42 umol/L", "umol/L")).value - 1) < 1e-12);
  assert.equal(typedValue("marrow_blasts_pct", BLASTS, entry(BLASTS, "62 %"), EN), "62 %");
});

test("another unit, a sign or a word after the number is never read silently", () => {
  const code = (spec, text) => readEntry(spec, entry(spec, text)).problem.code;
  assert.equal(code(CREATININE, "80 µmol/L"), "other_unit");
  assert.equal(code(CREATININE, "0.9 apples"), "unknown_unit");
  assert.equal(code(FERRITIN, ">2000"), "beyond");
  assert.equal(code(FERRITIN, "1,200"), "not_a_number");
  assert.equal(code(FERRITIN, "high"), "not_a_number");
});

test("80 of creatinine: umol/L, that is 0.905 mg/dL, one button", () => {
  const { words, labels, buttons, typed } = shown(CREATININE, "80");
  assert.equal(words, "Is it µmol/L? Then the value is 0.905 mg/dL.");
  assert.deepEqual(labels, ["Yes, it is µmol/L"]);
  buttons[0].listeners.click();
  assert.deepEqual(typed, { text: "80", unit: "umol/L" });
  assert.ok(Math.abs(readEntry(CREATININE, typed).value - 0.9048) < 1e-4);
  assert.equal(question(CREATININE, typed), null);
});

test("the same in the other direction, and in Russian", () => {
  const { words, labels } = shown(CREATININE, "0,9", { texts: RU, unit: "umol/L" });
  assert.equal(words, "Это мг/дл? Тогда 0,9 мг/дл.");
  assert.deepEqual(labels, ["Да, это мг/дл"]);
});

test("a possible value is asked about, is sent meanwhile, and may be kept", () => {
  const { words, labels, buttons, typed } = shown(CREATININE, "8");
  assert.equal(readEntry(CREATININE, typed).value, 8);
  assert.equal(words, "Is it mg/L? Then the value is 0.8 mg/dL.");
  assert.deepEqual(labels, ["Yes, it is mg/L", "No, keep 8 mg/dL"]);
  buttons[1].listeners.click();
  assert.equal(question(CREATININE, typed), null);
  typed.text = "9";
  assert.equal(question(CREATININE, typed).choices[0].value, 0.9);
});

test("a unit that the field does not offer is converted", () => {
  const { buttons, typed } = shown(CREATININE, "8");
  buttons[0].listeners.click();
  assert.deepEqual(typed, { text: "0.8", unit: "mg/dL" });
});

test("a fraction where a percentage is expected, and a daily dose for a total", () => {
  assert.equal(shown(BLASTS, "0.62").words, "Is it a fraction of 1? Then the value is 62 %.");
  const { words, labels } = shown(FLUDARABINE, "30");
  assert.equal(words, "This value is unusual. Is it in another unit?");
  assert.deepEqual(labels, ["mg/m² a day for 3 days: 90 mg/m²", "mg/m² a day for 4 days: 120 mg/m²", "No, keep 30 mg/m²"]);
});

test("what is usual, nothing, a code for unknown and a word are not asked about", () => {
  for (const [spec, text] of [[CREATININE, "0.9"], [FLUDARABINE, "0"], [FLUDARABINE, "120"], [BLASTS, ""], [BLASTS, "many"], [BLASTS, "999"]]) {
    assert.equal(asked(spec, text), null, text);
  }
  assert.equal(asked(makeForm().fields.sex, "female"), null);
});

test("a limit of the laboratory is used, with a mark, or the value is unknown", () => {
  const { labels, buttons, typed } = shown(FERRITIN, ">2000");
  assert.deepEqual(labels, ["Use 2000", "Unknown"]);
  buttons[0].listeners.click();
  assert.deepEqual(typed, { text: "2000", unit: "ug/L", beyond: { sign: ">", text: "2000" } });
  const again = shown(FERRITIN, "<0,5");
  again.buttons[1].listeners.click();
  assert.equal(again.typed.text, "");
  assert.deepEqual(shown(BLASTS, "<5").labels, ["Use 5"]);
});

test("a number that can be read in two ways is offered in both", () => {
  assert.deepEqual(twoWays("1,200"), ["1200", "1.2"]);
  assert.equal(twoWays("0,125"), null);
  const { labels, buttons, typed } = shown(FERRITIN, "1,250");
  assert.deepEqual(labels, ["1250", "1.25"]);
  buttons[1].listeners.click();
  assert.equal(typed.text, "1.25");
});

test("a number with another unit after it is offered in that unit", () => {
  const { words, buttons, typed } = shown(CREATININE, "80 umol/L");
  assert.equal(words, "Is it µmol/L? Then the value is 0.905 mg/dL.");
  buttons[0].listeners.click();
  assert.deepEqual(typed, { text: "80", unit: "umol/L" });
});

test("what is kept is that number in that unit", () => {
  const typed = entry(CREATININE, " 8 ");
  assert.equal(keptAs(typed), "8 mg/dL");
  assert.equal(question(CREATININE, { ...typed, kept: "8 mg/dL" }), null);
  assert.notEqual(question(CREATININE, { ...typed, unit: "umol/L", kept: "8 mg/dL" }), undefined);
});
