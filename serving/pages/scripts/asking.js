// Questions to the service: only the newest answer is ever shown, and a service that is gone is asked again.

export const DEBOUNCE_MS = 40;
export const RETRY_MS = 3000;
export const PATIENCE_MS = 5000;

// What an answer is used for. Those to typing are no records.
const USE_HEADER = "x-cart-outcomes-use";
const TYPING = "typing";

// The service does not know who asks, or this person may not ask.
const SIGNED_OUT = [401, 403];

/** The key of the text for a refusal. */
export function refusalText(status) {
  return SIGNED_OUT.includes(status) ? "trouble.signed_out" : "trouble.refused";
}

/** Asks about a patient; an answer that is overtaken is never shown. */
export class Asker {
  /**
   * @param {object} hooks
   * @param {function(object, AbortSignal): Promise<{status: number, body: object}>} hooks.ask
   * @param {function(object, object): void} hooks.show called with answer and patient
   * @param {function(object, object, number): void} hooks.refused called with the service's refusal, the patient and the status
   * @param {function(): void} hooks.gone called when the service does not answer; it is asked again
   * @param {{set: function, clear: function}} [hooks.clock] timers
   */
  constructor({ ask, show, refused, gone, clock = { set: setTimeout.bind(globalThis), clear: clearTimeout.bind(globalThis) } }) {
    Object.assign(this, { ask, show, refused, gone, clock });
    this.newest = 0;
    this.timer = null;
    this.running = null;
  }

  /** Ask about a patient as soon as nothing was changed for a moment. */
  send(patient) {
    this.cancel();
    this.timer = this.clock.set(() => this.now(patient), DEBOUNCE_MS);
  }

  /** Forget all questions; none of their answers will be shown. */
  cancel() {
    this.newest += 1;
    this.clock.clear(this.timer);
    this.running?.abort();
  }

  async now(patient) {
    const number = this.newest;
    const running = new AbortController();
    this.running = running;
    const patience = this.clock.set(() => running.abort(), PATIENCE_MS);
    performance.mark("asked");
    let reply;
    try {
      reply = await this.ask(patient, running.signal);
    } catch {
      reply = { status: 0, body: {} };
    }
    this.clock.clear(patience);
    if (number === this.newest) this.take(reply, patient);
  }

  take({ status, body }, patient) {
    if (status === 200) this.show(body, patient);
    else if (status >= 400 && status < 500 && status !== 429) this.refused(body, patient, status);
    else {
      this.gone();
      this.timer = this.clock.set(() => this.now(patient), RETRY_MS);
    }
  }
}

/** Ask the service for the risks of a patient. */
export function askRisk(patient, signal) {
  return post("risk", patient, TYPING, signal);
}

/** Ask the service for the risks of a patient as entered and with each option. */
export function askOptions(question, signal) {
  return post("risk/options", question, TYPING, signal);
}

/** Ask again about what is shown, for the record of the service: its answer is used for what `use` says. */
export function askRecorded(address, question, use) {
  return post(address, question, use, AbortSignal.timeout(PATIENCE_MS));
}

/** Send a question. The patient is in the body alone, never in an address. */
async function post(address, question, use, signal) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", [USE_HEADER]: use },
    body: JSON.stringify(question),
    cache: "no-store",
    signal,
  });
  return { status: response.status, body: await response.json() };
}

/**
 * Load what the form is made of; a service that does not answer is asked again.
 * @param {function(): void} away called each time that it did not
 * @returns {Promise<object>} as GET /form describes it
 */
export async function loadForm(away) {
  for (;;) {
    try {
      const response = await fetch("form", { cache: "no-store" });
      if (response.ok) return await response.json();
    } catch {
      // No answer at all: the same as a wrong one.
    }
    away();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
