// The page /model: the model card as a hematologist reads it.

import { fill, h } from "./dom.js";
import { dataParts } from "./model_data.js";
import { leftOutName, outcomeParts } from "./model_outcome.js";
import { fullParts, sourceParts } from "./model_sources.js";
import { contentsList, facts, section, served, shortDigest } from "./served.js";
import { openPage } from "./shell.js";
import { outcomeName } from "./wording.js";

const place = { card: document.getElementById("card"), contents: document.getElementById("contents") };
const state = { texts: null, card: null, form: null, failed: false };

openPage((texts) => {
  state.texts = texts;
  draw();
});
load();

async function load() {
  state.failed = false;
  try {
    [state.card, state.form] = await Promise.all([ask("model"), ask("form")]);
  } catch {
    state.failed = true;
  }
  draw();
}

async function ask(address) {
  const response = await fetch(address, { headers: { accept: "application/json" }, cache: "no-store" });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

function draw() {
  const { texts, card, form, failed } = state;
  if (!texts) return;
  place.card.setAttribute("aria-busy", String(!card && !failed));
  if (failed) fill(place.card, gone(texts));
  else if (!card) fill(place.card, h("p.note", {}, texts.say("model.loading")));
  else fill(place.card, parts(card, form, texts).map(({ id, title, shown }) => section(id, title, shown)));
  fill(place.contents, card && !failed && contentsList(parts(card, form, texts)));
}

function gone(texts) {
  return h("section.card", { role: "alert" }, h("p", {}, texts.say("model.gone")),
    h("button.main", { type: "button", onclick: load }, texts.say("model.again")));
}

function parts(card, form, texts) {
  const say = (key) => texts.say(`model.${key}`);
  return [
    { id: "identity", title: say("identity.title"), shown: identity(card, texts) },
    { id: "data", title: say("data.title"), shown: dataParts(card, form, texts) },
    ...card.outcomes.map((outcome) => ({
      id: `outcome-${outcome.name}`, title: outcomeName(outcome, texts), shown: outcomeParts(outcome, card, form, texts),
    })),
    ...(Object.keys(card.left_out).length ? [{ id: "left-out", title: say("left_out.title"), shown: leftOut(card, texts) }] : []),
    { id: "limitations", title: say("limits.title"), shown: limitations(card, texts) },
    { id: "use", title: say("use.title"), shown: h("p", {}, served("server.intended_use", card.intended_use, texts)) },
    { id: "sources", title: say("sources.title"), shown: sourceParts(card, form, texts) },
    { id: "full", title: say("full.title"), shown: fullParts(card, texts) },
    { id: "programs", title: say("programs.title"), shown: programs(card, texts) },
  ];
}

function identity(card, texts) {
  const say = (key, values) => texts.say(`model.identity.${key}`, values);
  const { trained, synthetic, n_infusions } = card.cohort;
  const origin = trained ? [texts.count("model.identity.infusions", n_infusions), synthetic && ` (${say("synthetic")})`] : say("published");
  return [
    h("p", {}, say(trained ? "words" : "words_published")),
    facts(
      [say("version"), card.bundle.version],
      [say("made"), texts.date(card.provenance.created_at)],
      [say("digest"), h("code", {}, shortDigest(card.bundle.digest))],
      [say("from"), origin, "long"],
      [say("question"), served(`server.estimands.${card.estimand}`, card.estimand_means, texts), "long"],
    ),
    h("details", {}, h("summary", {}, say("all")),
      facts([say("digest"), h("code", {}, card.bundle.digest), "long"],
        [say("cohort_digest"), card.cohort.sha256 && h("code", {}, card.cohort.sha256), "long"],
        ...Object.entries(card.provenance).map(([name, value]) => [h("code", {}, name), h("code", {}, value)]))),
  ];
}

function leftOut(card, texts) {
  return [
    h("p", {}, texts.say("model.left_out.words")),
    h("ul", {}, Object.entries(card.left_out).map(([name, why]) =>
      h("li", {}, h("strong", {}, leftOutName(name, texts)), ": ", served("", why, texts)))),
  ];
}

function limitations(card, texts) {
  return h("ul", {}, card.limitations.map((said, number) => h("li", {}, served(`model.limitations.${number}`, said, texts))));
}

function programs(card, texts) {
  const say = (key) => texts.say(`model.programs.${key}`);
  return [
    h("p", {}, say("words")),
    h("p.actions", {}, h("button.main", { type: "button", onclick: () => download(card) }, say("download"))),
    h("ul", {},
      h("li", {}, h("a", { href: "schema" }, say("schema"))),
      h("li", {}, h("a", { href: "docs.json" }, say("interface"))),
      h("li", {}, h("a", { href: "about#programs" }, say("example")))),
  ];
}

/** Hand the card over as a file, as the service gave it. */
function download(card) {
  const file = new Blob([JSON.stringify(card, null, 1)], { type: "application/json" });
  const address = URL.createObjectURL(file);
  const version = card.bundle.version.replace(/[^\w.-]/g, "_");
  h("a", { href: address, download: `cart-outcomes-model-${version}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
