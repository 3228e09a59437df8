// Options side by side: what is asked, what is shown of the answer, and the picture of the trade-off.

import assert from "node:assert/strict";
import { test } from "node:test";

import { drawField } from "../../serving/pages/scripts/fields.js";
import { letter, resultRows } from "../../serving/pages/scripts/option_results.js";
import { Options } from "../../serving/pages/scripts/options.js";
import { tradeOff } from "../../serving/pages/scripts/trade_off.js";
import { makeForm, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const RU = textsOf("ru");

standIn();

function difference(risk, low, high, basis = "association") {
  return { risk, low, high, basis, published_share: 0.5 };
}

function outcome(name, risk, { horizon = 30, ...more } = {}) {
  return { name, title: name, main: true, horizon_days: horizon, risk, interval: { level: 0.9, low: risk / 2, high: Math.min(1, risk * 1.5) }, ...more };
}

function family(relapse, death) {
  const of = (risk) => ({ risk, low: 0, high: 1 });
  const point = { horizon_days: 365, outcomes: { relapse: of(relapse), death_without_relapse: of(death) }, neither: of(1 - relapse - death) };
  return { outcomes: ["relapse", "death_without_relapse"], neither: "alive in remission", event_free_on_day: null, curve: [point] };
}

/** An answer of POST /risk/options: with a third of the dose, CRS is 14 points lower and relapse 3 higher. */
function answerOf(changes = {}) {
  return {
    base: { outcomes: [outcome("severe_crs", 0.21), outcome("relapse", 0.5, { horizon: 365 }), outcome("iec_hs", 0.1, { main: false })], states: [family(0.5, 0.08)], warnings: [] },
    options: [{
      changed: [{ field: "dose_1e6_per_kg", value: 0.3, unit: "10^6 CAR+ cells/kg", followed: false, moves: ["severe_crs"] }],
      without_effect: [],
      outcomes: [outcome("severe_crs", 0.07, { difference: difference(-0.14, -0.24, -0.02) }), outcome("relapse", 0.53, { horizon: 365, difference: difference(0.03, -0.05, 0.1, "as published") })],
      states: [family(0.53, 0.07)],
      state_differences: [{ horizon_days: 365, outcomes: { relapse: difference(0.03, -0.05, 0.1), death_without_relapse: difference(-0.01, -0.02, 0) }, neither: difference(-0.02, -0.09, 0.06) }],
      warnings: [], ...changes,
    }],
  };
}

function panelOf(changes = {}) {
  return { texts: EN, form: makeForm(), options: [{}], asked: [0], ...changes };
}

function wordsOf(rows) {
  return rows.map((row) => row.children.map(textOf));
}

test("each option has its risk and how far it is from the risk as entered, with the interval of the difference", () => {
  const { rows, remarks } = resultRows(answerOf(), panelOf());
  assert.deepEqual(wordsOf(rows), [
    ["Severe CRS by day 30", "21", "7 −14 (−24 to −2)"],
    ["No response or relapse by 12 months", "50", "53 +3 (−5 to +10) may be 0"],
    ["Death without relapse by 12 months", "8", "7 −1 (−2 to 0) may be 0"],
    ["Alive in remission by 12 months", "42", "40 −2 (−9 to +6) may be 0"],
    ["Differences are", "", "associations in the data; as published"],
  ]);
  assert.deepEqual(remarks, []);
});

test("an option without values has no answer, and keeps its column", () => {
  const { rows } = resultRows(answerOf(), panelOf({ options: [{}, {}], asked: [1] }));
  assert.deepEqual(wordsOf(rows)[0].slice(1), ["21", "", "7 −14 (−24 to −2)"]);
});

test("what followed from the choice, what cannot be compared and what is warned of is said by option", () => {
  const changes = {
    changed: [{ field: "prior_lines", value: 2, unit: "lines", followed: true, moves: [] }, { field: "sex", value: null, unit: "", followed: true, moves: [] }],
    without_effect: ["ferritin_ug_l"],
    warnings: [{ code: "outside_training_range", field: "dose_1e6_per_kg", message: "outside", details: { low: 1, high: 2, unit: "10^6 CAR+ cells/kg" } }],
  };
  const words = resultRows(answerOf(changes), panelOf()).remarks.map(textOf);
  assert.equal(words[0], "B: follows from the choice: Prior lines 2, Sex Unknown.");
  assert.equal(words[1], "B: not used by this model, cannot be compared: Ferritin.");
  assert.match(words[2], /^▲ B: CAR\+ cells per kg: outside 1 to 2/);
});

test("a field left open shows the value that follows from the option, and as entered again without a comparison", () => {
  const options = new Options(makeForm());
  options.draw(EN);
  options.update({ age_years: 31 }, () => "31");
  options.asked = [0];
  const open = () => everything(options.drawn[0].dose_1e6_per_kg.element).find(({ tag }) => tag === "input").attributes.placeholder;
  assert.equal(open(), "As entered");
  const changed = [{ field: "dose_1e6_per_kg", value: 1.68, unit: "10^6 CAR+ cells/kg", followed: true, moves: [] }];
  options.answer = answerOf({ changed });
  options.drawResults();
  assert.equal(open(), "1.68");
  options.options[0].dose_1e6_per_kg.unit = "another";
  options.drawResults();
  assert.equal(open(), "1.68 ×10⁶/kg");
  options.forget();
  assert.equal(open(), "As entered");
});

test("a choice left open shows the value that follows", () => {
  const drawn = drawField("sex", makeForm().fields.sex, { text: "", unit: "" }, { texts: EN, required: false, changed() {}, blank: "As entered" });
  const last = () => textOf(everything(drawn.element).filter(({ tag }) => tag === "option").at(-1));
  drawn.leave("Male");
  assert.equal(last(), "Male");
  drawn.leave();
  assert.equal(last(), "As entered");
});

test("the letters of options follow that of the patient as entered", () => {
  assert.deepEqual([0, 1, 2].map(letter), ["B", "C", "D"]);
});

test("the picture has a cross for every option and says the same in words", () => {
  const drawn = tradeOff(answerOf(), panelOf());
  const crosses = everything(drawn).filter(({ attributes }) => attributes.class?.startsWith("cross"));
  assert.deepEqual(crosses.map(textOf), ["A", "B"]);
  const [chart] = everything(drawn).filter(({ tag }) => tag === "svg");
  assert.equal(chart.attributes["aria-label"], "A: Severe CRS 21, No response or relapse 50; B: Severe CRS 7, No response or relapse 53");
  const circles = everything(drawn).filter(({ tag }) => tag === "circle").map(({ attributes }) => [Number(attributes.cx), Number(attributes.cy)]);
  assert.ok(circles[1][0] < circles[0][0] && circles[1][1] < circles[0][1], "less CRS is to the left, more relapse is up");
});

test("with one main outcome there is no trade-off", () => {
  const answer = answerOf();
  answer.base.outcomes.length = 1;
  assert.equal(tradeOff(answer, panelOf()), null);
});

test("what is asked has the patient and the values of every option that has one", () => {
  const options = new Options(makeForm());
  options.draw(EN);
  const asked = [];
  options.asker = { cancel() {}, now: (question) => asked.push(question), send: (question) => asked.push(question) };
  options.update({ age_years: 31 }, () => "31");
  assert.deepEqual(asked, []);
  options.options[0].dose_1e6_per_kg.text = "0.3";
  options.add();
  options.ask();
  assert.deepEqual(asked.at(-1), { patient: { age_years: 31 }, options: [{ dose_1e6_per_kg: 0.3 }] });
  assert.deepEqual(options.asked, [0]);
});

test("a refused value is said at its field, everything else below", () => {
  const options = new Options(makeForm());
  options.draw(EN);
  options.asked = [0];
  const said = [];
  options.drawn[0].dose_1e6_per_kg.update = (words) => said.push(words);
  options.refuse({ problems: [
    { code: "outside_limits", field: "options.0.dose_1e6_per_kg", message: "dose_1e6_per_kg too high" },
    { code: "other", field: "patient.age_years", message: "too old" }, { code: "empty_option", field: "", message: "no field" },
  ] });
  assert.deepEqual(said, ["CAR+ cells per kg: outside the possible range."]);
  assert.equal(textOf(options.said), "Age: too old no field");
});

test("Russian says the same", () => {
  const { rows } = resultRows(answerOf(), panelOf({ texts: RU }));
  assert.match(wordsOf(rows).at(-1)[2], /ассоциации в данных; по публикациям/);
});

test("where rounding hides whether an interval contains 0, its exact ends decide", () => {
  const words = (low, high) => {
    const answer = answerOf();
    answer.options[0].outcomes[0].difference = difference(-0.14, low, high);
    return wordsOf(resultRows(answer, panelOf()).rows)[0][2];
  };
  assert.equal(words(-0.28, -0.001), "7 −14 (−28 to 0) excludes 0 before rounding");
  assert.equal(words(-0.28, 0.001), "7 −14 (−28 to 0) may be 0");
  assert.equal(words(0, 0), "7 −14 (0)");
});

test("a dose per kg that was not entered is computed from total and weight", () => {
  const options = new Options(makeForm());
  options.draw(EN);
  options.update({ dose_total_1e6: 410, weight_kg: 75 }, () => "");
  assert.equal(textOf(options.entered.dose_1e6_per_kg), "5.5 ×10⁶/kg from total dose and weight");
  options.update({ dose_1e6_per_kg: 2 }, () => "2 ×10⁶/kg");
  assert.equal(textOf(options.entered.dose_1e6_per_kg), "2 ×10⁶/kg");
});
