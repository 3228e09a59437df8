// Above the risks: values outside the intended use, a product that the model does not know; and its rates beside each risk.

import assert from "node:assert/strict";
import { test } from "node:test";

import { brief, drawAnswer } from "../../serving/pages/scripts/answer.js";
import { cautions } from "../../serving/pages/scripts/cautions.js";
import { chip } from "../../serving/pages/scripts/chips.js";
import { productRates, rateWords } from "../../serving/pages/scripts/product_rates.js";
import { scope } from "../../serving/pages/scripts/scope.js";
import { makeAnswer, makeForm, outsideUse, productUnknown, publishedRate, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const RU = textsOf("ru");
const keepOpen = (_, details) => details;

standIn();

function contextOf(answer, { texts = EN, age = "9" } = {}) {
  const form = makeForm();
  const entries = { age_years: { text: age, unit: "years" } };
  return { texts, form, entries, answer, keepOpen, focus: () => {}, options: null, at: "2025-03-02T10:00:00Z" };
}

function withWarnings(...warnings) {
  return { ...makeAnswer(), warnings };
}

const CHILD = outsideUse("age_years", "Age at infusion (intended for 18 years or older)", { youngest: 18 });
const MALE = outsideUse("sex", "Sex (intended for female)", { options: "female", intended: ["female"] });

/** Elements that were drawn with an attribute, by its value. */
function marked(drawn, attribute) {
  return everything(drawn).map(({ attributes }) => attributes[attribute]).filter(Boolean);
}

test("every value outside the intended use is in the band above the risks, with what was entered", () => {
  const answer = withWarnings(CHILD, MALE);
  const drawn = scope(answer, contextOf(answer));
  assert.deepEqual(marked(drawn, "data-field"), ["age_years", "sex"]);
  assert.match(textOf(drawn), /These risks are not intended for this patient/);
  assert.match(textOf(drawn), /Outside the intended use: Age at infusion \(intended for 18 years or older\)\. Entered: 9 years\./);
});

test("the band comes before the outcomes", () => {
  const answer = withWarnings(CHILD);
  const { elements, outside, spoken } = drawAnswer(answer, contextOf(answer));
  assert.deepEqual(elements.slice(0, 2).map(({ attributes }) => attributes.class), ["scope", "outcomes card"]);
  assert.equal(outside, true);
  assert.match(spoken, /^These risks are not intended for this patient\. Severe CRS/);
});

test("within the intended use there is no band and nothing is subdued", () => {
  const answer = withWarnings();
  assert.equal(scope(answer, contextOf(answer)), null);
  const { elements, outside } = drawAnswer(answer, contextOf(answer));
  assert.equal(elements[0].attributes.class, "outcomes card");
  assert.equal(outside, false);
});

test("what has a band is not repeated among the warnings below", () => {
  const answer = withWarnings(CHILD, productUnknown(), { code: "rare_option", field: "sex", message: "rare", details: { fewest: 10 } });
  assert.deepEqual(marked(cautions(answer, contextOf(answer)), "data-code"), ["rare_option"]);
  assert.equal(cautions(withWarnings(CHILD), contextOf(withWarnings(CHILD))), null);
  assert.match(textOf(scope(answer, contextOf(answer))), /1 more warning about this patient/);
});

test("the risks in short say that they are not meant for the patient", () => {
  assert.match(textOf(brief(withWarnings(CHILD), EN)), /Outside the intended use/);
  assert.doesNotMatch(textOf(brief(withWarnings(), EN)), /Outside/);
});

test("a product that no model knows is named above the risks", () => {
  const answer = withWarnings(productUnknown());
  assert.match(textOf(scope(answer, contextOf(answer))), /Obecabtagene: the model does not use the product and can rank products in the wrong order\./);
});

test("where one outcome's model knows the product, the others are named", () => {
  const answer = withWarnings(productUnknown({ unaware: ["relapse"] }));
  assert.match(textOf(scope(answer, contextOf(answer))), /the model of no response or relapse does not use the product/);
});

test("a published rate is shown with patients, horizon, definition, population, study and source", () => {
  const answer = withWarnings(productUnknown());
  const drawn = productRates(answer.outcomes[0], contextOf(answer));
  assert.match(textOf(drawn), /Obecabtagene, published/);
  assert.match(textOf(drawn), /2\.4 % of 127 by day 30 FELIX; adults, split dosing; grade >= 3, ASTCT\. 10\.1056/);
  assert.deepEqual(marked(drawn, "href"), ["https://doi.org/10.1056/NEJMoa2406526"]);
});

test("all published rates are there, in the order of the service", () => {
  const rates = ["B1", "B2", "B3", "B4"].map((id) => publishedRate({ id }));
  const answer = withWarnings(productUnknown({ rates }));
  const drawn = productRates(answer.outcomes[0], contextOf(answer));
  assert.deepEqual(marked(drawn, "data-rate"), ["B1", "B2", "B3", "B4"]);
  assert.match(textOf(drawn), /4 rates with their sources/);
});

test("the heading has the first rate; from the lowest to the highest, only rates that can be compared", () => {
  const title = (...rates) => {
    const answer = withWarnings(productUnknown({ rates }));
    return textOf(everything(productRates(answer.outcomes[0], contextOf(answer))).find(({ tag }) => tag === "h4"));
  };
  const rate = (value, changes) => publishedRate({ rate: value, ...changes });
  assert.equal(title(rate(0.192), rate(0.213), rate(0.116)), "Obecabtagene, published: 11.6 to 21.3 %");
  assert.equal(title(rate(0.192)), "Obecabtagene, published: 19.2 % of 127 by day 30");
  assert.equal(title(rate(0.192), rate(0.19201)), "Obecabtagene, published: 19.2 % of 127 by day 30");
  assert.equal(title(rate(0.024), rate(0, { events: 0, n: 20 })), "Obecabtagene, published: 0 to 2.4 % (outside the interval of this model)");
  for (const other of [{ upper_bound: true }, { horizon_days: 548 }, { among: "complete responders" }]) {
    assert.equal(title(rate(0.192), rate(0.9, other)), "Obecabtagene, published: 19.2 % of 127 by day 30");
  }
});

test("a rate outside the interval of the model is called so, unless another is inside or it cannot be compared", () => {
  const outside = (...rates) => {
    const answer = withWarnings(productUnknown({ rates }));
    return /outside the interval of this model/.test(textOf(productRates(answer.outcomes[0], contextOf(answer))));
  };
  const rate = (value, changes) => publishedRate({ rate: value, ...changes });
  assert.ok(outside(rate(0.024)));
  assert.ok(outside(rate(0.024), rate(0.4)));
  assert.ok(outside(rate(0.024), rate(0, { events: 0, n: 20 })));
  assert.ok(!outside(rate(0, { events: 0, n: 20 })));
  assert.ok(!outside(rate(0.024), rate(0.2)));
  for (const other of [{ upper_bound: true }, { horizon_days: 548 }, { among: "complete responders" }]) {
    assert.ok(!outside(rate(0.024, other)));
  }
});

test("an outcome without a published rate says so", () => {
  const answer = withWarnings(productUnknown());
  assert.equal(textOf(productRates(answer.outcomes[1], contextOf(answer))), "Obecabtagene: no published rate");
});

test("without the warning there are no rates", () => {
  const answer = withWarnings();
  assert.equal(productRates(answer.outcomes[0], contextOf(answer)), null);
});

test("a rate is put in words with what is known of it", () => {
  const words = (changes) => rateWords(publishedRate(changes), EN);
  assert.equal(words({ upper_bound: true, rate: 0.52, n: 151, among: "complete responders", horizon_days: 365 }),
    "at most 52 % of 151 complete responders by 12 months");
  assert.equal(words({ n: null, horizon_days: null, rate: 0.3 }), "30 %");
  assert.equal(words({ rate: 0.192, n: 459, horizon_days: 548 }), "19.2 % of 459 by day 548");
  assert.equal(words({ rate: 0, events: 0, n: 20 }), "0 of 20 by day 30");
  assert.equal(words({ rate: 0, events: 0, n: 9, among: "complete responders" }), "0 of 9 complete responders by day 30");
  assert.equal(rateWords(publishedRate({ rate: 0.192 }), RU), "19,2 % из 127 к 30-му дню");
  assert.equal(rateWords(publishedRate({ rate: 0, events: 0, n: 20 }), RU), "0 из 20 к 30-му дню");
});

test("in Russian a study is described in Russian", () => {
  const answer = withWarnings(productUnknown());
  const drawn = productRates(answer.outcomes[0], contextOf(answer, { texts: RU }));
  assert.match(textOf(drawn), /взрослые, дробное введение; 3-я степень и выше по ASTCT/);
});

test("an interval of a rate is shown where it is published", () => {
  const answer = withWarnings(productUnknown({ rates: [publishedRate({ low: 0.01, high: 0.06 })] }));
  assert.match(textOf(productRates(answer.outcomes[0], contextOf(answer))), /\(95 % interval 1 to 6\)/);
});

test("two sources of one rate are two links", () => {
  const answer = withWarnings(productUnknown({ rates: [publishedRate({ sources: ["10.1200/JCO.20.03585", "10.1182/x"] })] }));
  const links = marked(productRates(answer.outcomes[0], contextOf(answer)), "href");
  assert.deepEqual(links, ["https://doi.org/10.1200/JCO.20.03585", "https://doi.org/10.1182/x"]);
});

test("outside the intended use no outcome is called validated", () => {
  const answer = withWarnings(CHILD);
  const chips = answer.outcomes.map((outcome) => chip(outcome, contextOf(answer)));
  assert.deepEqual(chips.map(textOf), ["Outside intended use", "Outside intended use"]);
  assert.deepEqual(chips.map(({ attributes }) => attributes["data-status"]), ["outside", "outside"]);
  assert.match(textOf(chip({ ...answer.outcomes[1], n_headline_events: 40 }, contextOf(withWarnings()))), /^Internally validated \(event in 40 infusions\)$/);
});
