// Outcomes that only some can have: their reasons explain the risk among those, and say so.

import assert from "node:assert/strict";
import { test } from "node:test";

import { curve } from "../../serving/pages/scripts/curve.js";
import { outcomeParts } from "../../serving/pages/scripts/model_outcome.js";
import { explained, riskWithout } from "../../serving/pages/scripts/reason_rows.js";
import { reasons } from "../../serving/pages/scripts/reasons.js";
import { makeForm, textsOf } from "./answer.js";
import { assertSound, cohort, FORM, outcome as ofCard } from "./card.js";
import { everything, standIn, textOf } from "./drawn.js";
import { makeFamilyAnswer } from "./family.js";

const EN = textsOf("en");
const RU = textsOf("ru");
const keepOpen = (_, details) => details;

standIn();

function drawn(changes = {}, texts = EN) {
  const answer = makeFamilyAnswer();
  const death = Object.assign(answer.outcomes[2], changes);
  return textOf(reasons(death, { texts, form: makeForm(), entries: {}, answer, widest: 1, keepOpen }));
}

test("the reasons say among whom, and what the risk of all depends on besides", () => {
  assert.match(drawn(), /^Of 100 patients who responded by 12 months: 16\. The reasons explain this risk\. The risk in all patients \(8 of 100\) also depends on: No response or relapse\./);
});

test("every outcome that the risk is composed of is named once", () => {
  const among = { words: "patients without severe CRS", outcome: "severe_crs", happened: false, plus: "severe_crs", risk: 0.2 };
  assert.match(drawn({ among }), /also depends on: Severe CRS\./);
  assert.match(drawn({ among: { ...among, outcome: "relapse" } }), /also depends on: No response or relapse, Severe CRS\./);
});

test("an outcome without reasons says among whom all the same", () => {
  const answer = makeFamilyAnswer();
  const death = { ...answer.outcomes[2], contributions: [] };
  const parts = reasons(death, { texts: EN, form: makeForm(), entries: {}, answer, widest: 1, keepOpen });
  assert.match(textOf(parts), /Of 100 patients who responded by 12 months: 16\..+No field changes this risk/);
});

test("Russian names the patients in Russian, and marks what it has no words for", () => {
  assert.match(drawn({}, RU), /^Из 100 пациентов с ответом, без рецидива и прогрессии к 12 месяцам: 16\./);
  const answer = makeFamilyAnswer();
  const unnamed = { ...answer.outcomes[2], name: "another" };
  const parts = reasons(unnamed, { texts: RU, form: makeForm(), entries: {}, answer, widest: 1, keepOpen });
  assert.ok(everything(parts).some((part) => part.attributes.lang === "en" && textOf(part) === "patients who responded"));
});

test("contributions move the risk that they add up to", () => {
  const [, relapse, death] = makeFamilyAnswer().outcomes;
  assert.equal(explained(relapse), relapse.risk);
  assert.equal(explained(death), 0.16);
  assert.ok(Math.abs(riskWithout(death, { log_odds: Math.log(0.16 / 0.84) }) - 0.5) < 1e-12);
});

test("a curve names the event that competes, where one does", () => {
  const [, relapse, death] = makeFamilyAnswer().outcomes;
  const caption = (outcome, texts) => textOf(everything(curve(outcome, { texts, name: "", keepOpen })).find(({ tag }) => tag === "figcaption"));
  assert.match(caption(relapse, EN), /Competing event: death before any of these\.$/);
  assert.match(caption(death, RU), /Конкурирующее событие: отсутствие ответа, рецидив или прогрессия до смерти\.$/);
  assert.doesNotMatch(caption({ ...relapse, competing: "" }, EN), /[Cc]ompeting/);
});

test("the model card says in whom an outcome can come", () => {
  const given = { outcome: "relapse", happened: true, words: "patients with relapse", plus: "death_without_relapse", neither: "" };
  const death = ofCard({ name: "death", title: "death from any cause", competing: "", given });
  const shown = (texts, changes = {}) => outcomeParts({ ...death, ...changes }, { cohort: cohort(), outcomes: [ofCard(), death] }, FORM, texts);
  assert.match(textOf(shown(EN)), /Fitted among: patients with relapse\. The risk in all patients also depends on: No response or relapse, Death without relapse\./);
  assert.match(textOf(shown(RU)), /Оценивается среди: пациентов без ответа, с рецидивом или прогрессией\./);
  assert.doesNotMatch(textOf(shown(EN, { given: null })), /Fitted among/);
  assertSound(shown(EN));
});
