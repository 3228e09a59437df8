// Sections that fold: what is in sight, and which are open. How links and print open them is tested in a browser.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { foldAll, foldedSection, openSections } from "../../serving/pages/scripts/model_sections.js";
import { everything, standIn, textOf } from "./drawn.js";

beforeEach(standIn);

const section = (id, open) => ({ id, open, matches: (selector) => selector === "details" });
const root = (...sections) => ({ children: [...sections, { matches: () => false }] });

test("heading and hint are in sight, the rest folds", () => {
  const drawn = foldedSection({ id: "data", title: "Training cohort", hint: "cohort of 244 infusions", shown: "all of it" }, false);
  assert.equal(drawn.tag, "details");
  assert.equal(drawn.attributes.id, "data");
  assert.ok(!("open" in drawn.attributes));
  const [summary, inside] = drawn.children;
  assert.equal(summary.tag, "summary");
  assert.equal(textOf(everything(summary).find(({ tag }) => tag === "h2")), "Training cohort");
  assert.match(textOf(summary), /cohort of 244 infusions/);
  assert.equal(textOf(inside), "all of it");
});

test("a section without a hint has its heading alone, and may be drawn open", () => {
  const drawn = foldedSection({ id: "use", title: "Intended use", hint: null, shown: [] }, true);
  assert.equal(drawn.attributes.open, "");
  assert.equal(textOf(drawn.children[0]), "Intended use");
});

test("open sections are known by id, so that they stay open in another language", () => {
  assert.deepEqual([...openSections(root(section("a", true), section("b", false)))], ["a"]);
});

test("all sections open and fold at once", () => {
  const [one, other] = [section("a", true), section("b", false)];
  foldAll(root(one, other), true);
  assert.deepEqual([one.open, other.open], [true, true]);
  foldAll(root(one, other), false);
  assert.deepEqual([one.open, other.open], [false, false]);
});
