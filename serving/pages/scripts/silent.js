// The silent phase of a site (shadow mode): answers are recorded and not shown.

import { fill, h } from "./dom.js";

/**
 * Draw what is seen in place of the risks.
 * @param {object} texts
 * @param {function(): Promise<{answer: object|null, problem: string}>} record records the patient that is entered
 * @returns {HTMLElement}
 */
export function silent(texts, record) {
  const said = h("p.said", { role: "status", "aria-live": "polite" });
  const number = h("input.record-id", { type: "text", readonly: true, hidden: true, "aria-label": texts.say("silent.number") });
  const button = h("button.main", { type: "button", id: "record" }, texts.say("silent.record"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    fill(said, texts.say("takeaway.recording"));
    const { answer, problem } = await record();
    button.disabled = !problem;
    fill(said, texts.say(problem || "silent.recorded"));
    number.hidden = Boolean(problem);
    number.value = answer?.prediction_id ?? "";
  });
  return h("section.card.silent", { "aria-labelledby": "silent-title" },
    h("h3", { id: "silent-title" }, texts.say("silent.title")),
    h("p", {}, texts.say("silent.words")),
    h("p.quiet", {}, texts.say("silent.kept")),
    h("p.buttons", {}, button), said, number);
}
