// Reasons: the risk without a field, the common scale of the bars, and where a source may lead.

import assert from "node:assert/strict";
import { test } from "node:test";

import { riskWithout, span } from "../../serving/pages/scripts/reasons.js";
import { address } from "../../serving/pages/scripts/sources.js";
import { makeAnswer } from "./answer.js";

test("without a field of the logarithm of four, a risk of a half is one of a fifth", () => {
  const found = riskWithout({ risk: 0.5 }, { log_odds: Math.log(4) });
  assert.ok(Math.abs(found - 0.2) < 1e-12);
});

test("without a field that lowers it, a risk is higher", () => {
  const found = riskWithout({ risk: 0.2 }, { log_odds: -Math.log(4) });
  assert.ok(Math.abs(found - 0.5) < 1e-12);
});

test("all bars share the scale of the longest part, of either sign", () => {
  const answer = makeAnswer();
  assert.equal(span(answer), 2);
  answer.outcomes[1].contributions[0].local = -3;
  assert.equal(span(answer), 3);
});

test("small parts are not blown up, and none at all is no failure", () => {
  const answer = makeAnswer();
  for (const outcome of answer.outcomes) outcome.contributions = [];
  assert.equal(span(answer), 0.8);
});

test("a source is a link where it names one", () => {
  assert.equal(address("10.1182/bloodadvances.2021006418"), "https://doi.org/10.1182/bloodadvances.2021006418");
  assert.equal(address("PMID 34521119"), "https://pubmed.ncbi.nlm.nih.gov/34521119/");
  assert.equal(address("PMID: 34521119"), "https://pubmed.ncbi.nlm.nih.gov/34521119/");
  assert.equal(address("PMC8759134"), "https://pmc.ncbi.nlm.nih.gov/articles/PMC8759134/");
  assert.equal(address("NCT04150497"), "https://clinicaltrials.gov/study/NCT04150497");
});

const SCRIPT = ["java", "script:"].join("");

for (const source of [
  "Shah 2021, table 2", "", `${SCRIPT}alert(1)`, `${SCRIPT.toUpperCase()}alert(1)//10.1182/x`, ` ${SCRIPT}alert(1)`, "data:text/html,x",
  "//elsewhere.example/10.1182/x", "https://elsewhere.example", "x 10.1182/x", "PMID 1 javascript:x", "PMC1/../x", "NCT04150497/x", "NCT1",
]) {
  test(`"${source}" is no link`, () => {
    assert.equal(address(source), null);
  });
}

for (const source of ["10.1182/javascript:alert(1)", "10.1182/../../x", "10.1182/@elsewhere.example", "10.1182/x\" onclick=\"y"]) {
  test(`${source} leads to doi.org at worst`, () => {
    const url = new URL(address(source));
    assert.equal(url.origin, "https://doi.org");
    assert.equal(url.username, "");
  });
}
