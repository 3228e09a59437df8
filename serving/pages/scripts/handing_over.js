// What leaves the page is recorded first, where the service keeps a record: copied, printed, exported.

import { askRecorded, refusalText } from "./asking.js";

export const UNRECORDED = "handing.unrecorded";
export const CHANGED = "handing.changed";

/** Records answers, each once for each use, and waits until the service says that they are in its record. */
export class HandingOver {
  /** @param {function(string, object, string): Promise<{status: number, body: object}>} ask */
  constructor(ask = askRecorded) {
    Object.assign(this, { ask, known: new WeakMap() });
  }

  /**
   * Record an answer that is shown.
   * @param {string} address of the question
   * @param {object} answer shown
   * @param {object} question that it answers
   * @param {string} use
   * @returns {Promise<{answer: object|null, problem: string}>} the answer in the record, which has another
   *   identifier; `problem` is the key of a text, empty where the answer may leave the page
   */
  async recorded(address, answer, question, use) {
    const uses = this.known.get(answer) ?? {};
    this.known.set(answer, uses);
    uses[use] ??= this.once(address, answer, question, use);
    const reply = await uses[use];
    if (reply.problem) delete uses[use];
    return reply;
  }

  async once(address, answer, question, use) {
    let reply;
    try {
      reply = await this.ask(address, question, use);
    } catch {
      reply = { status: 0, body: {} };
    }
    if (reply.status !== 200) return { answer: null, problem: refused(reply.status) };
    return { answer: reply.body, problem: reply.body.bundle.digest === answer.bundle.digest ? "" : CHANGED };
  }
}

/** Why nothing left the page. */
function refused(status) {
  const text = refusalText(status);
  return text === "trouble.refused" ? UNRECORDED : text;
}
