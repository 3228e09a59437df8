// A part of a page that cannot be drawn does not take the other parts with it.

import { h } from "./dom.js";

/**
 * Draw a part; where that fails, take what stands in for it, and tell the console why.
 * @param {function(): any} draw
 * @param {function(): any} otherwise
 */
export function attempted(draw, otherwise) {
  try {
    return draw();
  } catch (error) {
    globalThis.reportError?.(error);
    return otherwise();
  }
}

/** Draw a part, or say in its place that it cannot be shown. */
export function guarded(draw, texts) {
  return attempted(draw, () => failed(texts));
}

/** That a part cannot be shown. */
export function failed(texts) {
  return h("p.trouble", { role: "alert" }, texts.say("shell.part_failed"));
}
