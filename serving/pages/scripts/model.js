// The page /model: the model card as a hematologist reads it.

import { fill, h } from "./dom.js";
import { attempted, failed as partFailed, guarded } from "./guarded.js";
import { dataParts } from "./model_data.js";
import { leftOutName, outcomeParts } from "./model_outcome.js";
import { foldAll, foldedSection, followFragments, openForPrint, openSections } from "./model_sections.js";
import { fullParts, sourceParts } from "./model_sources.js";
import { verdictHead, verdictParts, verdictWords } from "./model_verdicts.js";
import { PAUSE_MS, sameModel } from "./renewal.js";
import { contentsList, facts, served, shortDigest } from "./served.js";
import { openPage } from "./shell.js";
import { outcomeName } from "./wording.js";

const [verdicts, contents, sections] = ["verdicts", "contents", "card"].map((id) => document.getElementById(id));
const MOST_TRIES = 3;
const state = { texts: null, card: null, form: null, failed: false, followed: false };
const follow = followFragments();

openPage((texts) => {
  state.texts = texts;
  draw();
});
openForPrint(document);
load();

async function load() {
  state.failed = false;
  try {
    Object.assign(state, await cardAndForm());
  } catch {
    state.failed = true;
  }
  draw();
}

/** Card and form of one model: a release may come between the two requests. */
async function cardAndForm() {
  for (let tries = 1; ; tries += 1) {
    const [card, form] = await Promise.all([ask("model"), ask("form")]);
    if (tries === MOST_TRIES || sameModel(card.bundle, form.bundle)) return { card, form };
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function ask(address) {
  const response = await fetch(address, { headers: { accept: "application/json" }, cache: "no-store" });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

function draw() {
  const { texts, card, failed } = state;
  if (!texts) return;
  sections.setAttribute("aria-busy", String(!card && !failed));
  verdicts.hidden = contents.hidden = failed || !card;
  if (failed) fill(sections, gone(texts));
  else if (!card) fill(sections, h("p.note", {}, texts.say("model.loading")));
  else attempted(() => drawCard(state), () => fill(sections, partFailed(texts)));
}

/** Draw the card; sections that are open stay open. */
function drawCard({ texts, card, form }) {
  const open = openSections(sections);
  const title = texts.say("model.verdicts.title");
  const found = parts(card, form, texts);
  fill(verdicts, guarded(() => [verdictHead(title, card, texts), verdictParts(card, texts)], texts));
  fill(contents, contentsList([{ id: "verdicts", title }, ...found]), foldButtons(texts));
  fill(sections, found.map((part) => foldedSection(part, open.has(part.id))));
  // The fragment of the address names a part that is there only now.
  if (!state.followed) follow();
  state.followed = true;
}

function foldButtons(texts) {
  const button = (open, key) => h("button.quiet", { type: "button", onclick: () => foldAll(sections, open) }, texts.say(key));
  return h("p.folding", {}, button(true, "model.open_all"), button(false, "model.fold_all"));
}

function gone(texts) {
  return h("section.card", { role: "alert" }, h("p", {}, texts.say("model.gone")),
    h("button.main", { type: "button", onclick: load }, texts.say("model.again")));
}

/** Every section, with what is in it in a few words; one that cannot be drawn says so and leaves the others. */
function parts(card, form, texts) {
  const say = (key) => texts.say(`model.${key}`);
  const { trained, n_infusions } = card.cohort;
  const sources = card.sources?.length ?? 0;
  const cohort = trained ? texts.count("model.identity.infusions", n_infusions) : say("identity.published");
  const found = [
    { id: "identity", hint: () => `${say("identity.version")} ${card.bundle.version}`, shown: () => identity(card, texts) },
    { id: "data", hint: () => cohort, shown: () => dataParts(card, form, texts) },
    ...card.outcomes.map((outcome) => ({
      id: `outcome-${outcome.name}`, title: outcomeName(outcome, texts),
      hint: () => verdictWords(outcome, texts), shown: () => outcomeParts(outcome, card, form, texts),
    })),
    ...(Object.keys(card.left_out ?? {}).length ? [{ id: "left-out", key: "left_out", shown: () => leftOut(card, texts) }] : []),
    { id: "limitations", key: "limits", shown: () => limitations(card, texts) },
    { id: "use", shown: () => h("p", {}, served("server.intended_use", card.intended_use, texts)) },
    { id: "sources", hint: () => sources > 0 && texts.count("model.sources.count", sources), shown: () => sourceParts(card, form, texts) },
    { id: "full", shown: () => fullParts(card, texts) },
    { id: "programs", shown: () => programs(card, texts) },
  ];
  return found.map(({ hint = () => null, shown, ...part }) => ({
    title: say(`${part.key ?? part.id}.title`), hint: attempted(hint, () => null), shown: guarded(shown, texts), ...part,
  }));
}

function identity(card, texts) {
  const say = (key, values) => texts.say(`model.identity.${key}`, values);
  const { trained, synthetic, n_infusions } = card.cohort;
  const origin = trained ? [texts.count("model.identity.infusions", n_infusions), synthetic && ` (${say("synthetic")})`] : say("published");
  return [
    h("p", {}, say(trained ? "words" : "words_published")),
    facts(
      [say("version"), card.bundle.version],
      [say("made"), texts.date(card.provenance?.created_at) || texts.say("form.unknown")],
      [say("digest"), h("code", {}, shortDigest(card.bundle.digest))],
      [say("from"), origin, "long"],
      [say("question"), served(`server.estimands.${card.estimand}`, card.estimand_means, texts), "long"],
    ),
    h("details", {}, h("summary", {}, say("all")),
      facts([say("digest"), h("code", {}, card.bundle.digest), "long"],
        [say("cohort_digest"), card.cohort.sha256 && h("code", {}, card.cohort.sha256), "long"],
        ...Object.entries(card.provenance ?? {}).map(([name, value]) => [h("code", {}, name), h("code", {}, value)]))),
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
