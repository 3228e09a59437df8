// Copy, print, export: a note for the chart, a printed page, the answer as JSON.

import { note } from "./chart_note.js";
import { copied, copiedLater } from "./clipboard.js";
import { h } from "./dom.js";
import { panel } from "./panel.js";

export const COPY_KEY = "F8";
// Of a row, where the browser does not fit the box to the note.
const LETTERS = 60;

/**
 * Draw the buttons and the note; `copy` copies it.
 * @param {object} answer
 * @param {object} context `handOver` records the answer for a use first; null where nothing is recorded
 */
export function takeaway(answer, context) {
  const { texts, handOver } = context;
  const write = (given) => note(given, context, texts.moment(context.at));
  const words = write(answer);
  const line = h("textarea", { id: "note", readonly: true, rows: Math.ceil(words.length / LETTERS) + 2, "aria-label": texts.say("takeaway.note") });
  line.value = words;
  const said = h("span.said", { role: "status", "aria-live": "polite" });
  const say = (key) => { said.textContent = key && texts.say(key); };
  const after = async (use, act) => {
    if (!handOver) return act(answer);
    say("takeaway.recording");
    const { answer: given, problem } = await handOver(use);
    say(problem);
    return problem || act(given);
  };
  const copy = async () => {
    if (handOver) say("takeaway.recording");
    say(handOver ? await copyRecorded(line, handOver, write) : copyOutcome(await copied(line)));
  };
  const element = panel("takeaway", texts.say("takeaway.title"), { ...context, beside: said }, line,
    h("p.buttons", {},
      h("button.main", { type: "button", id: "copy", onclick: copy, "aria-keyshortcuts": COPY_KEY }, texts.say("takeaway.copy", { key: COPY_KEY })),
      h("button.quiet", { type: "button", id: "print", onclick: () => after("printed", () => print()) }, texts.say("takeaway.print")),
      h("button.quiet", { type: "button", id: "download", onclick: () => after("exported", download) }, texts.say("takeaway.json"))),
    handOver && h("p.quiet", {}, texts.say("takeaway.on_record")));
  return { element, copy };
}

/** Copy the note of the recorded answer; give the key of what is said. */
async function copyRecorded(line, handOver, write) {
  let problem = "";
  const words = handOver("copied").then((reply) => {
    ({ problem } = reply);
    if (problem) throw new Error(problem);
    return write(reply.answer);
  });
  const done = await copiedLater(words, line);
  return problem || copyOutcome(done);
}

function copyOutcome(done) {
  return done ? "takeaway.copied" : "takeaway.not_copied";
}

function download(answer) {
  const file = new Blob([JSON.stringify(answer, null, 2)], { type: "application/json" });
  const link = h("a", { href: URL.createObjectURL(file), download: "answer.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
