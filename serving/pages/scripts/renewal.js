// A release may replace the model while the page is open: form and notice then follow the version that answers.

import { h } from "./dom.js";

/** Pause until a form of the version that answers is asked for again: workers follow a release within a second. */
export const PAUSE_MS = 1000;

/** Whether two answers are of one model. */
export function sameModel(one, other) {
  return one?.version === other?.version && one?.digest === other?.digest;
}

/** Loads the form again when another version of the model answers. */
export class Renewal {
  /**
   * @param {object} hooks
   * @param {function(): Promise<object>} hooks.load the form as GET /form describes it
   * @param {function(object): void} hooks.renew called with the form of the version that answers
   * @param {function(): Promise<void>} [hooks.pause]
   */
  constructor({ load, renew, pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)) }) {
    Object.assign(this, { load, renew, pause, loading: false });
  }

  /** Take the form that the page begins with. */
  begin({ bundle }) {
    this.bundle = bundle;
  }

  /** Take the model of an answer; a form of another one is replaced. */
  async seen(bundle) {
    this.wanted = bundle;
    if (this.loading || !this.bundle) return;
    this.loading = true;
    while (!sameModel(this.bundle, this.wanted)) {
      const form = await this.load();
      if (sameModel(form.bundle, this.wanted)) {
        this.bundle = form.bundle;
        this.renew(form);
      } else await this.pause();
    }
    this.loading = false;
  }
}

/** Put the notice of a model in place of that of another one: that it is synthetic, or rests on publications alone. */
export function replaceNotice({ notice, synthetic }, texts) {
  const header = document.querySelector("body > header");
  header.querySelector(".notice")?.remove();
  const key = `server.${synthetic ? "synthetic" : "no_cohort"}`;
  if (notice) header.append(h("p.notice", { role: "note", "data-text": key, "data-said": notice }, texts.say(key, {}, notice)));
}

/** Draw what holds the keyboard, and give the keyboard back to the same field. */
export function keepingKeyboard(draw) {
  const { id, selectionStart = null, selectionEnd = null } = document.activeElement ?? {};
  draw();
  const field = id ? document.getElementById(id) : null;
  field?.focus({ preventScroll: true });
  if (selectionStart !== null) field?.setSelectionRange?.(selectionStart, selectionEnd);
}
