// What the page shows, by its own scripts: card, form, risks and numbers come as JSON on standard input, texts leave as JSON.

import { readFileSync } from "node:fs";

import { decimal } from "../../serving/pages/scripts/measured.js";
import { figureName } from "../../serving/pages/scripts/model_figures.js";
import { outcomeParts } from "../../serving/pages/scripts/model_outcome.js";
import { ofHundred } from "../../serving/pages/scripts/numbers.js";
import { textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const { card, form, risks, numbers, language } = JSON.parse(readFileSync(0, "utf8"));
const texts = textsOf(language);

/** The texts of an element, each by itself: a figure, and its interval below. */
function leaves(part) {
  return typeof part === "string" ? [part] : part.children.flatMap(leaves);
}

/** A table's rows: a list of cells, each a list of texts. */
function rowsOf(drawn) {
  return everything(drawn).filter(({ tag }) => tag === "tr").map((row) => row.children.map(leaves));
}

function tablesOf(drawn) {
  const found = everything(drawn).filter(({ tag }) => tag === "table");
  return found.map((one) => [textOf(everything(one).find(({ tag }) => tag === "caption")), rowsOf(one)]);
}

function told(outcome) {
  const drawn = outcomeParts(outcome, card, form, texts);
  return { tables: tablesOf(drawn), text: textOf(drawn) };
}

/** Every name under which the card has a figure. */
function measures() {
  const groups = (parts) => Object.values(parts).flatMap((part) => Object.keys(part.metrics));
  return card.outcomes.flatMap((outcome) => [
    ...Object.values(outcome.metrics).flatMap(Object.keys), ...groups(outcome.by_center), ...Object.values(outcome.by_subgroup).flatMap(groups),
  ]);
}

standIn();
process.stdout.write(JSON.stringify({
  outcomes: Object.fromEntries(card.outcomes.map((outcome) => [outcome.name, told(outcome)])),
  names: Object.fromEntries(measures().map((name) => [name, figureName(name, texts)])),
  risks: risks.map((risk) => ofHundred(risk, texts)),
  numbers: numbers.map(([value, decimals]) => decimal(value, decimals, texts)),
}));
