// The page /about: what the software is for, how to read it, how programs ask it.

import { wide } from "./chart_parts.js";
import { curlCommand } from "./curl.js";
import { fill, h } from "./dom.js";
import { guarded } from "./guarded.js";
import { contentsList, facts, section, served } from "./served.js";
import { openPage } from "./shell.js";

const COPIED_MS = 2000;
const place = { about: document.getElementById("about"), contents: document.getElementById("contents") };
// Whether a record is kept is not known before the service says so.
const state = { texts: null, card: null, example: null, recorded: null };

openPage((texts) => {
  state.texts = texts;
  draw();
});
load("model", (card) => { state.card = card; });
load("form", (form) => { Object.assign(state, { example: form.example, recorded: form.record.kept }); });

async function load(address, keep) {
  try {
    const response = await fetch(address, { headers: { accept: "application/json" }, cache: "no-store" });
    if (response.ok) keep(await response.json());
  } catch {
    return;
  }
  draw();
}

function draw() {
  const { texts } = state;
  if (!texts) return;
  const found = parts(texts);
  fill(place.about, found.map(({ id, title, shown }) => section(id, title, shown)));
  fill(place.contents, contentsList(found));
}

function parts(texts) {
  const shown = {
    use: () => use(texts),
    practice: () => practice(texts),
    how: () => h("ol.steps", {}, listed("how.steps", texts)),
    reading: () => reading(texts),
    privacy: () => privacy(texts),
    programs: () => programs(texts),
    versions: () => versions(texts),
  };
  return Object.entries(shown).map(([id, drawn]) => ({ id, title: texts.say(`about.${id}.title`), shown: guarded(drawn, texts) }));
}

function listed(key, texts) {
  return Object.values(texts.entry(`about.${key}`) ?? {}).map((said) => h("li", {}, said));
}

/** What is kept of a patient: nothing, or the record of the site in place of that; without the service's word, neither. */
function privacy(texts) {
  const { words, points, recorded, unreported } = texts.entry("about.privacy");
  const { words: kept, ...changed } = { true: recorded, false: { words }, null: unreported }[state.recorded];
  return [h("p", {}, kept), h("ul", {}, Object.values({ ...points, ...changed }).map((said) => h("li", {}, said)))];
}

function use(texts) {
  const stated = document.querySelector('[data-text="server.intended_use"]');
  return [
    h("p.statement", {}, served("server.intended_use", stated?.dataset.said ?? stated?.textContent ?? "", texts)),
    h("div.pair", {},
      h("div", {}, h("h3", {}, texts.say("about.use.for")), h("ul", {}, listed("use.is_for", texts))),
      h("div", {}, h("h3", {}, texts.say("about.use.not_for")), h("ul", {}, listed("use.is_not_for", texts)))),
  ];
}

function practice(texts) {
  return h("div.pair", {},
    h("div", {}, h("h3", {}, texts.say("about.practice.when")), h("ul", {}, listed("practice.times", texts))),
    h("div", {}, h("h3", {}, texts.say("about.practice.pitfalls")), h("ul", {}, listed("practice.points", texts))));
}

function reading(texts) {
  const rows = Object.values(texts.entry("about.reading.items") ?? {});
  return h("dl.reading-list", {}, rows.map(({ name, means }) => h("div", {}, h("dt", {}, name), h("dd", {}, means))));
}

function programs(texts) {
  const say = (key) => texts.say(`about.programs.${key}`);
  const address = new URL("risk", document.baseURI).href;
  const text = state.example && curlCommand(state.example, address);
  return [
    h("p", {}, say("words")),
    text && wide(say("label"), h("pre", {}, h("code", {}, text))),
    text && navigator.clipboard && h("p.actions", {}, copyButton(text, texts)),
    h("ul", {},
      ["schema", "docs.json", "form", "readyz"].map((path) => h("li", {}, h("a", { href: path }, h("code", {}, path)), ": ", texts.say(`about.programs.paths.${path.replace(".", "_")}`)))),
  ];
}

function copyButton(text, texts) {
  const button = h("button.quiet", {
    type: "button",
    onclick: async () => {
      await navigator.clipboard.writeText(text);
      fill(button, texts.say("about.programs.copied"));
      setTimeout(() => fill(button, texts.say("about.programs.copy")), COPIED_MS);
    },
  }, texts.say("about.programs.copy"));
  return button;
}

function versions(texts) {
  const say = (key) => texts.say(`about.versions.${key}`);
  const { card } = state;
  if (!card) return h("p.note", {}, say("unknown"));
  const provenance = card.provenance ?? {};
  const unknown = texts.say("form.unknown");
  return [
    facts(
      [say("model"), card.bundle.version],
      [say("made"), texts.date(provenance.created_at) || unknown],
      [say("code"), provenance.code_version || unknown],
      [say("digest"), h("code", {}, card.bundle.digest), "long"],
    ),
    h("p", {}, h("a", { href: "model" }, say("more"))),
  ];
}
