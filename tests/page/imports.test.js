// The scripts are served as they are: nothing bundles them, so every import must be one that a browser follows.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const SCRIPTS = new URL("../../serving/pages/scripts/", import.meta.url);
const IMPORT = /^\s*(?:import|export)\s+(?:[^"';=]*?\bfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

function imported(source) {
  return [...source.matchAll(IMPORT)].map(([, fixed, asked]) => fixed ?? asked);
}

function scripts() {
  const folder = fileURLToPath(SCRIPTS);
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".js")) : [];
}

test("imports are found in each of their forms", () => {
  const source = `
    import a, { b } from "./a.js";
    import {
      c,
    } from './b.js';
    import "./c.js";
    export * from "./d.js";
    await import("./e.js");
  `;
  assert.deepEqual(imported(source), ["./a.js", "./b.js", "./c.js", "./d.js", "./e.js"]);
});

test("an exported text is not an import", () => {
  const source = 'export const NAMES = { from: "a" };\nexport function from() {\n  return "b";\n}\n';
  assert.deepEqual(imported(source), []);
});

for (const name of scripts()) {
  test(`${name} imports scripts beside it, by file name`, () => {
    for (const specifier of imported(readFileSync(new URL(name, SCRIPTS), "utf8"))) {
      assert.match(specifier, /^\.\/[a-z_]+\.js$/);
      assert.ok(existsSync(new URL(specifier, SCRIPTS)), `${name} imports ${specifier}, which is not there`);
    }
  });
}
