// The list of risks without one publication: whole percents that differ, five at first, sources as links.

import assert from "node:assert/strict";
import { test } from "node:test";

import { movingSources, withoutSource } from "../../serving/pages/scripts/without_source.js";
import { makeAnswer, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const RU = textsOf("ru");
const keepOpen = (_, details) => details;

/** An outcome with a risk of 20 of 100 and other risks without sources of their own. */
function outcome(...risks) {
  return { ...makeAnswer().outcomes[0], without_source: risks.map((risk, place) => ({ sources: [`NCT0000000${place}`], risk })) };
}

function lines(drawn) {
  return everything(drawn).filter(({ tag }) => tag === "li").map((line) => line.textContent);
}

test("a line names the source as a link and the risk without it", () => {
  standIn();
  const drawn = withoutSource({ ...outcome(), without_source: [{ sources: ["10.1182/blood.2020009515"], risk: 0.31 }] }, { texts: EN, keepOpen });
  assert.deepEqual(lines(drawn), ["Without 10.1182/blood.2020009515: 31 of 100"]);
  const [link] = everything(drawn).filter(({ tag }) => tag === "a");
  assert.equal(link.attributes.href, "https://doi.org/10.1182/blood.2020009515");
});

test("sources that go together share a line", () => {
  standIn();
  const drawn = withoutSource({ ...outcome(), without_source: [{ sources: ["PMID:1", "Registry 2020"], risk: 0.004 }] }, { texts: EN, keepOpen });
  assert.deepEqual(lines(drawn), [`Without PMID:1, Registry 2020: ${EN.say("numbers.less_than_one")} of 100`]);
});

test("a risk that rounds to the one shown is not listed", () => {
  assert.deepEqual(movingSources(outcome(0.204, 0.206, 0.195, 0.194), EN).map(({ risk }) => risk), [0.206, 0.194]);
});

test("five are shown, the others are folded", () => {
  standIn();
  const drawn = withoutSource(outcome(0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3), { texts: EN, keepOpen });
  const [folded] = everything(drawn).filter(({ tag }) => tag === "details");
  assert.equal(lines(drawn).length, 7);
  assert.deepEqual(lines(folded), ["Without NCT00000005: 40 of 100", "Without NCT00000006: 30 of 100"]);
  assert.match(textOf(folded), /^2 more publications/);
});

test("nothing is drawn where no source moves the risk, and for an answer of an earlier service", () => {
  assert.equal(withoutSource(outcome(), { texts: EN, keepOpen }), null);
  assert.equal(withoutSource(makeAnswer().outcomes[0], { texts: EN, keepOpen }), null);
});

test("Russian says the same", () => {
  standIn();
  const drawn = withoutSource(outcome(0.31), { texts: RU, keepOpen });
  assert.deepEqual(lines(drawn), ["Без NCT00000000: 31 из 100"]);
});
