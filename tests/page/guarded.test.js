// A part that cannot be drawn says so; the others stay.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { guarded } from "../../serving/pages/scripts/guarded.js";
import { textsOf } from "./answer.js";
import { standIn, textOf } from "./drawn.js";

beforeEach(standIn);

test("a part that fails is replaced by a message, and the console has the cause", () => {
  globalThis.reportError = mock.fn();
  const cause = new TypeError("no provenance");
  const drawn = guarded(() => { throw cause; }, textsOf("en"));
  assert.match(textOf(drawn), /^This part cannot be shown/);
  assert.deepEqual(globalThis.reportError.mock.calls.map(({ arguments: said }) => said), [[cause]]);
});

test("a part that can be drawn is left alone", () => {
  assert.equal(guarded(() => "drawn", textsOf("en")), "drawn");
});
