// A center's own words: in the language of the page, at the risk that was reached, as text alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { atRisk, inLanguage, ownBrand, protocols } from "../../serving/pages/scripts/own_words.js";
import { makeAnswer, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const RU = textsOf("ru");
const OWN = {
  name: { en: "Center North" }, logo: "own-words/logo", protocols: [{ title: "Tocilizumab", link: "https://intranet.example/t" }],
  at_risk: [
    { outcome: "severe_crs", from_percent: 10, words: "Daily ferritin", link: null },
    { outcome: "severe_crs", from_percent: 20, words: { en: "Reserve a bed", ru: "Забронировать место" }, link: "https://intranet.example/crs" },
    { outcome: "severe_crs", from_percent: 40, words: "Postpone", link: null },
  ],
};

standIn();

function said(risk, texts = EN) {
  const [outcome] = makeAnswer().outcomes;
  const drawn = atRisk({ ...outcome, risk }, { ownWords: OWN, texts });
  return drawn && textOf(drawn).trim();
}

test("the highest threshold that was reached is said, the threshold itself included", () => {
  assert.equal(said(0.09), null);
  assert.equal(said(0.1), "Our center, from 10 of 100: Daily ferritin");
  assert.equal(said(0.285), "Our center, from 20 of 100: Reserve a bed Details");
  assert.equal(said(0.9), "Our center, from 40 of 100: Postpone");
});

test("other outcomes have no advice, and a center without words says nothing", () => {
  const [, relapse] = makeAnswer().outcomes;
  assert.equal(atRisk(relapse, { ownWords: OWN, texts: EN }), null);
  assert.equal(atRisk(relapse, { texts: EN }), null);
  assert.equal(protocols({ texts: EN }), null);
  assert.equal(ownBrand({ name: null, logo: null }, EN), null);
});

test("words are in the language of the page, else marked as those of another", () => {
  assert.match(said(0.2, RU), /Забронировать место/);
  const other = inLanguage(OWN.name, RU);
  assert.deepEqual([other.attributes.lang, textOf(other)], ["en", "Center North"]);
});

test("links lead elsewhere without saying from where", () => {
  const links = everything(protocols({ ownWords: OWN, texts: EN })).filter(({ tag }) => tag === "a");
  assert.deepEqual(links.map(({ attributes }) => [attributes.href, attributes.rel]), [["https://intranet.example/t", "noreferrer noopener"]]);
});
