// Copy, print, export: a note for the chart, a printed page, the answer as JSON.

import { note } from "./chart_note.js";
import { h } from "./dom.js";
import { panel } from "./panel.js";

export const COPY_KEY = "F8";
// Of a row, where the browser does not fit the box to the note.
const LETTERS = 60;

/** Draw the buttons and the note; `copy` copies it. */
export function takeaway(answer, context) {
  const { texts } = context;
  const words = note(answer, context, texts.moment(context.at));
  const line = h("textarea", { id: "note", readonly: true, rows: Math.ceil(words.length / LETTERS) + 2, "aria-label": texts.say("takeaway.note") });
  line.value = words;
  const said = h("span.said", { role: "status", "aria-live": "polite" });
  const copy = async () => {
    said.textContent = texts.say((await copied(line)) ? "takeaway.copied" : "takeaway.not_copied");
  };
  const element = panel("takeaway", texts.say("takeaway.title"), { ...context, beside: said }, line,
    h("p.buttons", {},
      h("button.main", { type: "button", id: "copy", onclick: copy, "aria-keyshortcuts": COPY_KEY }, texts.say("takeaway.copy", { key: COPY_KEY })),
      h("button.quiet", { type: "button", id: "print", onclick: () => print() }, texts.say("takeaway.print")),
      h("button.quiet", { type: "button", id: "download", onclick: () => download(answer) }, texts.say("takeaway.json"))));
  return { element, copy };
}

/** Copy text; where the browser keeps the clipboard to encrypted pages, by way of the selection. */
async function copied(line) {
  try {
    await navigator.clipboard.writeText(line.value);
    return true;
  } catch {
    const focused = document.activeElement;
    const fold = line.closest("details");
    const { open } = fold;
    // What is folded cannot be selected.
    fold.open = true;
    line.select();
    const done = document.execCommand("copy");
    fold.open = open;
    focused?.focus();
    return done;
  }
}

function download(answer) {
  const file = new Blob([JSON.stringify(answer, null, 2)], { type: "application/json" });
  const link = h("a", { href: URL.createObjectURL(file), download: "answer.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
