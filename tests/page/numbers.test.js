// Risks as people read them, and numbers as people type them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { expit, logit, ofHundred, percent, points, range, typedNumber } from "../../serving/pages/scripts/numbers.js";
import { textsOf } from "./answer.js";

const EN = textsOf("en");
const RU = textsOf("ru");

test("a percent is whole, halves go up", () => {
  assert.deepEqual([0, 0.204, 0.205, 0.5, 0.999, 1].map(percent), [0, 20, 21, 50, 100, 100]);
});

test("a risk is told in whole percents", () => {
  assert.deepEqual([0.005, 0.01, 0.4305, 0.9949].map((risk) => ofHundred(risk, EN)), ["1", "1", "43", "99"]);
});

test("a risk that rounds to none or all is told as less or more, never as certain", () => {
  assert.deepEqual([0, 0.0049, 0.995, 1].map((risk) => ofHundred(risk, EN)),
    ["less than 1", "less than 1", "more than 99", "more than 99"]);
  assert.equal(ofHundred(0.0049, RU), "менее 1");
});

test("an interval has two ends, or one number where both round to it", () => {
  assert.equal(range(0.12, 0.331, EN), "12 to 33");
  assert.equal(range(0.121, 0.118, EN), "about 12");
  assert.equal(range(0.001, 0.08, EN), "<1 to 8");
  assert.equal(range(0.12, 0.331, RU), "от 12 до 33");
});

test("a difference has a sign, a true minus, and none at zero", () => {
  assert.deepEqual([0.07, -0.03, 0.004, -0.004, 0].map(points), ["+7", "−3", "0", "0", "0"]);
});

test("log-odds of an even risk are zero, of three in four the logarithm of three", () => {
  assert.equal(expit(0), 0.5);
  assert.equal(logit(0.5), 0);
  assert.ok(Math.abs(logit(0.75) - Math.log(3)) < 1e-12);
  assert.ok(Math.abs(expit(Math.log(3)) - 0.75) < 1e-12);
});

test("log-odds of never and always are finite", () => {
  assert.ok(Number.isFinite(logit(0)) && Number.isFinite(logit(1)));
  assert.ok(logit(0) < -27 && logit(1) > 27);
});

test("a number may have a decimal point or comma", () => {
  assert.deepEqual(["62.5", "62,5", ".5", ",5", "5."].map(typedNumber), [62.5, 62.5, 0.5, 0.5, 5]);
});

test("a number may have spaces between its thousands, of any kind", () => {
  assert.deepEqual(["12 000", "12\u00a0000", "12\u202f000,5", "1 200 000", " 7 "].map(typedNumber), [12000, 12000, 12000.5, 1200000, 7]);
});

test("a number may have a sign or a power of ten", () => {
  assert.deepEqual(["-3", "+3", "1e3", "2,5E-1"].map(typedNumber), [-3, 3, 1000, 0.25]);
});

test("a comma before three digits may part thousands or decimals, and is not guessed", () => {
  assert.deepEqual(["1,200", "12,000", "-1,200"].map(typedNumber), [NaN, NaN, NaN]);
  assert.deepEqual(["0,995", "1,2", "1,25", "1234,125", "1.200"].map(typedNumber), [0.995, 1.2, 1.25, 1234.125, 1.2]);
});

for (const rubbish of ["", " ", ",", ".", "1,2,3", "1.2.3", "1,234.5", "1.234,5", "3 1", "12 00", "1 2345", "62 ,5", "0x10", "0b1", "1e", "e3", "--1", "5 mg", ">5", "NaN", "Infinity", "٣"]) {
  test(`"${rubbish}" is no number`, () => {
    assert.ok(Number.isNaN(typedNumber(rubbish)));
  });
}
