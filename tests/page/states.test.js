// States that exclude one another: whole numbers that add up to 100, where they are shown, and what is asked of a later day.

import assert from "node:assert/strict";
import { test } from "node:test";

import { drawAnswer } from "../../serving/pages/scripts/answer.js";
import { note } from "../../serving/pages/scripts/chart_note.js";
import { EventFreeDay } from "../../serving/pages/scripts/event_free.js";
import { arranged, asShown, riskWords, statesAt, wholes } from "../../serving/pages/scripts/families.js";
import { furtherOutcome } from "../../serving/pages/scripts/further.js";
import { statesBar, statesSentence } from "../../serving/pages/scripts/states.js";
import { bandPoints, statesBand } from "../../serving/pages/scripts/states_band.js";
import { sheet } from "../../serving/pages/scripts/sheet.js";
import { statesPanel } from "../../serving/pages/scripts/states_panel.js";
import { strip } from "../../serving/pages/scripts/strip.js";
import { makeForm, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";
import { afterDay, makeFamilyAnswer } from "./family.js";
import { tablesOf } from "./tables.js";

const EN = textsOf("en");
const RU = textsOf("ru");
const FAMILY = makeFamilyAnswer().states[0];

standIn();

function contextOf(answer, changes = {}) {
  return { texts: EN, form: makeForm(), entries: {}, answer, widest: 1, keepOpen: (_, details) => details, focus: () => {}, options: null, at: "2025-03-02T10:00:00Z", eventFree: null, eventFreeDay: null, ...changes };
}

function withClass(drawn, name) {
  return everything(drawn).filter(({ attributes }) => attributes.class?.split(" ").includes(name));
}

for (const [shares, whole] of [
  [[0.6629, 0.0481, 0.289], [66, 5, 29]],
  [[0.335, 0.335, 0.33], [34, 33, 33]],
  [[0.405, 0.306, 0.289], [41, 30, 29]],
  [[0.404, 0.303, 0.293], [40, 31, 29]],
  [[0.0, 0.005, 0.995], [0, 1, 99]],
  [[1, 0, 0], [100, 0, 0]],
  [[0.285, 0.29, 0.425], [29, 29, 42]],
]) {
  test(`${shares.join(", ")} of 1 are ${whole.join(", ")} of 100`, () => {
    assert.deepEqual(wholes(shares), whole);
  });
}

test("whole numbers add up to 100, each within one of its share, the first as it is rounded everywhere", () => {
  for (let first = 0; first <= 200; first += 1) {
    for (let second = 0; first + second <= 200; second += 1) {
      const shares = [first / 200, second / 200, (200 - first - second) / 200];
      const found = wholes(shares);
      assert.equal(found.reduce((sum, each) => sum + each, 0), 100, shares.join());
      assert.equal(found[0], Math.round(first / 2));
      assert.ok(found.every((each, place) => Math.abs(each - 100 * shares[place]) < 1), shares.join());
    }
  }
});

test("main outcomes come first, members of a family are within it, the others follow", () => {
  const names = Object.fromEntries(Object.entries(arranged(makeFamilyAnswer())).map(([key, list]) => [key, list.map(({ name }) => name)]));
  assert.deepEqual(names, { main: ["severe_crs", "relapse"], members: ["death_without_relapse"], further: ["iec_hs"] });
});

test("where no outcome is a main one, all are", () => {
  const answer = makeFamilyAnswer();
  answer.states = [];
  for (const outcome of answer.outcomes) outcome.main = false;
  assert.equal(arranged(answer).main.length, 4);
  assert.deepEqual(arranged(answer).further, []);
});

test("every outcome is drawn once, with its reasons and its definition", () => {
  const answer = makeFamilyAnswer();
  const { elements } = drawAnswer(answer, contextOf(answer));
  const drawn = everything(elements).filter(({ attributes }) => attributes["data-outcome"]);
  assert.deepEqual(drawn.map(({ attributes }) => attributes["data-outcome"]), ["severe_crs", "relapse", "death_without_relapse", "iec_hs"]);
  for (const card of drawn) {
    assert.equal(withClass(card, "why").length, 1);
    assert.equal(withClass(card, "standing").length, 1);
  }
});

test("the strip of relapse shows death and remission, in a bar and in words, with intervals", () => {
  const answer = makeFamilyAnswer();
  const card = strip(answer.outcomes[1], contextOf(answer));
  const [bar] = withClass(card, "drawing");
  assert.equal(bar.attributes["aria-label"], "By 12 months, of 100: 50 no response, relapse or progression, 8 death without relapse, 42 alive in remission.");
  assert.deepEqual(everything(card).filter(({ attributes }) => attributes["data-state"]).map(textOf), [
    "50 no response, relapse or progression (40 to 60)", "8 death without relapse (2 to 15)", "42 alive in remission (30 to 52)",
  ]);
  assert.doesNotMatch(textOf(card), /dead before the event/);
});

test("a strip says where a small change of a value would move its risk far", () => {
  const answer = { ...makeFamilyAnswer(), close_to_cut: [{ field: "age_years", value: 32, outcome: "relapse", risk: 0.62 }] };
  const words = (outcome) => textOf(strip(outcome, contextOf(answer)));
  assert.match(words(answer.outcomes[1]), /Close to a cutoff: with Age 32 years the risk would be 62 of 100\./);
  assert.doesNotMatch(words(answer.outcomes[0]), /Close to a cutoff/);
});

test("an outcome without a family has both sides of its risk", () => {
  const answer = { ...makeFamilyAnswer(), states: [] };
  assert.equal(withClass(strip(answer.outcomes[1], contextOf(answer)), "icons").length, 1);
});

test("the parts of the bar differ by more than their color and fill it", () => {
  const states = statesAt(FAMILY.curve[1], FAMILY);
  const bar = statesBar(states, "");
  assert.equal(bar.attributes["aria-hidden"], "true");
  const widths = everything(bar).filter(({ tag }) => tag === "rect").map(({ attributes }) => Number(attributes.width));
  assert.equal(Math.round(widths.reduce((sum, each) => sum + each + 0.8, 0)), 100);
  assert.deepEqual(["part-1", "part-2", "neither"].map((name) => withClass(bar, name).length), [1, 1, 1]);
  assert.ok(withClass(bar, "stripe").length > 0);
});

test("a state of nobody has no part in the bar and is said in words", () => {
  const point = { horizon_days: 90, outcomes: { relapse: { risk: 1, low: 1, high: 1 }, death_without_relapse: { risk: 0, low: 0, high: 0 } }, neither: { risk: 0, low: 0, high: 0 } };
  assert.equal(everything(statesBar(statesAt(point, FAMILY), "")).filter(({ tag }) => tag === "rect").length, 1);
  assert.match(statesSentence(point, FAMILY, makeFamilyAnswer(), EN), /more than 99 no response.+less than 1 death.+less than 1 alive/);
});

test("bands of the states fill a hundred from the infusion on", () => {
  const course = [{ day: 0, shares: [0, 0, 1] }, { day: 90, shares: [0.25, 0.05, 0.7] }, { day: 365, shares: [0.5, 0.08, 0.42] }];
  const at = (place) => bandPoints(course, place, (day) => day, (share) => 100 * share).split(" ").map((corner) => corner.split(",").map(Number));
  const [first, second, rest] = [0, 1, 2].map(at);
  assert.deepEqual(first, [[0, 0], [90, 25], [365, 50], [365, 0], [90, 0], [0, 0]]);
  assert.deepEqual(second.slice(0, 3).map(([, top]) => top), [0, 30, 58]);
  assert.deepEqual(rest.slice(0, 3).map(([, top]) => top), [100, 100, 100]);
  const drawn = everything(statesBand({ ...FAMILY, event_free_on_day: null }, contextOf(makeFamilyAnswer())));
  assert.equal(drawn.filter(({ tag }) => tag === "polygon").length, 3);
});

test("the panel has every horizon, and after a day those that follow it", () => {
  const answer = { ...makeFamilyAnswer(), event_free: [afterDay(90)] };
  const tables = tablesOf(statesPanel(FAMILY, contextOf(answer, { question: null })));
  assert.deepEqual(tables.slice(0, 2), [
    [["3 months", "", "25 (20 to 30)", "5 (1 to 9)", "70 (62 to 78)"], ["12 months", "", "50 (40 to 60)", "8 (2 to 15)", "42 (30 to 52)"]],
    [["12 months", "", "36 (25 to 47)", "4 (<1 to 9)", "60 (48 to 71)"]],
  ]);
});

test("it is said which question an answer is to", () => {
  const answer = { ...makeFamilyAnswer(), event_free: [afterDay(90)] };
  const drawn = statesPanel(FAMILY, contextOf(answer, { question: null }));
  const headings = everything(drawn).filter(({ tag }) => tag === "h4").map(textOf);
  assert.deepEqual(headings.slice(0, 2), ["From the infusion", "If alive and event-free on day 90"]);
  assert.match(textOf(drawn), /All other risks on this page are from the infusion/);
});

test("a day that no model covers is said not to be answered", () => {
  const answer = makeFamilyAnswer();
  answer.warnings = [{ code: "event_free_day_not_covered", field: "event_free_on_day", message: "not answered", details: {} }];
  assert.match(textOf(statesPanel(FAMILY, contextOf(answer, { question: null }))), /▲ Not answered/);
  assert.match(note(answer, contextOf(answer, { eventFreeDay: 180 }), ""), /no answer for a patient alive and event-free on day 180\./);
});

test("those who hear the page hear the states and the day", () => {
  const answer = { ...makeFamilyAnswer(), event_free: [afterDay(90)] };
  const { spoken } = drawAnswer(answer, contextOf(answer));
  assert.match(spoken, /By 12 months, of 100: 50 .+ 8 death without relapse, 42 alive in remission\. If alive and event-free on day 90: By 12 months, of 100: 36/);
});

test("a member of a family is the same number wherever it is shown", () => {
  const answer = makeFamilyAnswer();
  const [, , death, further] = answer.outcomes;
  const states = (death_risk) => ({ outcomes: { relapse: { risk: 0.404, low: 0, high: 1 }, death_without_relapse: { risk: death_risk, low: 0, high: 1 } }, neither: { risk: 0.596 - death_risk, low: 0, high: 1 } });
  Object.assign(answer.states[0].curve[1], states(0.304));
  Object.assign(death, { risk: 0.304, curve: [{ horizon_days: 365, risk: 0.304, low: 0, high: 1 }] });
  assert.equal(wholes([0.404, 0.304, 0.292])[1], 31);
  assert.equal(riskWords(death, answer, EN), "31");
  assert.deepEqual(asShown(death, answer).curve.map(({ risk }) => risk), [0.31]);
  assert.match(textOf(sheet([death], contextOf(answer))), /Death without relapse by 12 months31 of 100/);
  const [card] = everything(furtherOutcome(death, contextOf(answer)));
  assert.match(textOf(card), /31 of 100.+: 31 dying without relapse by 12 months; 69/);
  assert.equal(asShown(further, answer), further);
});

test("the day is asked beside the patient, and none of a new one", () => {
  const asked = [];
  const question = new EventFreeDay({ field: "event_free_on_day", days: [30, 90] }, () => asked.push(question.added({ age_years: 31 })));
  const [none, , day90] = everything(question.draw(EN)).filter(({ tag }) => tag === "input");
  day90.listeners.change();
  none.listeners.change();
  assert.deepEqual(asked, [{ age_years: 31, event_free_on_day: 90 }, { age_years: 31 }]);
  assert.deepEqual(question.patientOf(asked[0]), { age_years: 31 });
  day90.listeners.change();
  question.clear();
  assert.deepEqual(question.added({ age_years: 31 }), { age_years: 31 });
});

test("the days are in words of the language", () => {
  const question = new EventFreeDay(makeForm().event_free, () => {});
  assert.match(textOf(question.draw(EN)), /alive and event-free onNot askedDay 30Day 60Day 90Day 180$/);
  assert.match(textOf(question.draw(RU)), /без события наНе задано30-й день/);
});

test("Russian names every state", () => {
  const words = statesSentence(FAMILY.curve[1], FAMILY, makeFamilyAnswer(), RU);
  assert.equal(words, "К 12 месяцам из 100: нет ответа, рецидив или прогрессия — 50, смерть без рецидива — 8, живы в ремиссии — 42.");
});
