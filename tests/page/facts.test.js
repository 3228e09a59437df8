// Reasons by code and figures: in the words of the language, else in the service's English, marked as such.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cautions } from "../../serving/pages/scripts/cautions.js";
import { reasonWords } from "../../serving/pages/scripts/facts.js";
import { makeAnswer, makeForm, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const RU = textsOf("ru");
const FEW = { code: "few_events", text: "8 events and 50 non-events, 20 of each are needed", figures: { events: 8, non_events: 50, needed: 20 } };
const OTHER = { code: "another_reason", text: "another reason", figures: {} };

standIn();

function cautionIn(texts, facts, english) {
  const details = { status: "not validated locally", reasons: english, facts };
  const warning = { code: "not_validated", field: "severe_crs", message: `Severe CRS: not validated locally. ${english}.`, details };
  return cautions({ ...makeAnswer(), warnings: [warning] }, { texts, form: makeForm(), keepOpen: (_, drawn) => drawn });
}

/** Texts that are marked as English. */
function markedEnglish(drawn) {
  return everything(drawn).filter(({ attributes }) => attributes.lang === "en").map(textOf);
}

test("a reason is stated in Russian with its numbers", () => {
  assert.deepEqual(reasonWords([FEW], [FEW.text], RU), ["отдельных событий: 8, пациентов без события: 50; нужно не менее 20 тех и других"]);
  assert.deepEqual(reasonWords([FEW], [FEW.text], EN), ["distinct events: 8; event-free patients: 50; at least 20 of each are needed"]);
});

test("a number of a reason has a decimal comma in Russian", () => {
  const slope = { code: "calibration_slope", text: "calibration slope", figures: { value: 0.412, low: -0.1, high: 1.1 } };
  assert.match(reasonWords([slope], [], RU)[0], /0,412 \(90 % интервал от −0,1 до 1,1\)/);
});

test("a metric that could not be computed is stated in Russian without figures", () => {
  const slope = { code: "calibration_slope", text: "calibration slope", figures: {} };
  const [words] = reasonWords([slope], [], RU);
  assert.equal(words, "правильный наклон калибровки не подтверждён: его интервал не включает 1 или включает 0");
});

test("a count that is masked leaves words without it", () => {
  const [words] = reasonWords([{ ...FEW, figures: {} }], [], RU);
  assert.equal(words, "слишком мало случаев с событием или без него для валидации");
});

test("a reason without words is the service's English", () => {
  const size = { code: "resampling", text: "an interval of 60 patients", figures: { n: 60 } };
  const drawn = reasonWords([size, OTHER], [], RU);
  assert.deepEqual(drawn.map(textOf), [size.text, OTHER.text]);
  assert.deepEqual(drawn.map(({ attributes }) => attributes.lang), ["en", "en"]);
});

test("a warning in Russian keeps the reasons and numbers of the English one", () => {
  const drawn = cautionIn(RU, [FEW, OTHER], `${FEW.text}; ${OTHER.text}`);
  assert.match(textOf(drawn), /локально не валидирована\. Отдельных событий: 8, пациентов без события: 50; нужно не менее 20 тех и других\. Another reason\.$/);
  assert.deepEqual(markedEnglish(drawn), ["Another reason."]);
});

test("a warning of an earlier model keeps its reasons in English", () => {
  const drawn = cautionIn(RU, [], "8 events; not cross-validated");
  assert.match(textOf(drawn), /локально не валидирована\. 8 events; not cross-validated\.$/);
  assert.deepEqual(markedEnglish(drawn), ["8 events; not cross-validated."]);
});

test("an English warning states its reasons once", () => {
  assert.match(textOf(cautionIn(EN, [FEW], FEW.text)), /not validated locally\. 8 events and 50 non-events, 20 of each are needed\.$/);
});
