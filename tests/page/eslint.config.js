// How the page's scripts and their tests are written. The lint runs from the project's folder, because
// ESLint looks at no file above the folder that it is started in: see `lint` in package.json.

import js from "@eslint/js";
import globals from "globals";

const SCRIPTS = ["serving/pages/scripts/**/*.js"];
const CHECKS = ["tests/page/**/*.js"];

const TEXT_ONLY = "what a person or a service wrote goes into the page as text: use textContent";
const NOT_KEPT = "what was entered about a patient does not outlive the page";

const bannedAssignment = (name) => ({
  selector: `AssignmentExpression > MemberExpression.left[property.name='${name}']`,
  message: TEXT_ONLY,
});

const bannedCall = (name) => ({
  selector: `CallExpression[callee.property.name='${name}']`,
  message: TEXT_ONLY,
});

const MARKUP_FROM_TEXT = [
  ...["innerHTML", "outerHTML", "srcdoc"].map(bannedAssignment),
  ...["insertAdjacentHTML", "createContextualFragment", "setHTMLUnsafe"].map(bannedCall),
  {
    selector: "CallExpression[callee.object.name='document'][callee.property.name=/^write(ln)?$/]",
    message: TEXT_ONLY,
  },
  {
    // The name in brackets: element["innerHTML"] = text.
    selector: "MemberExpression[computed=true] > Literal.property[value=/^(inner|outer|insertAdjacent)HTML$/]",
    message: TEXT_ONLY,
  },
  {
    selector: "CallExpression[callee.property.name='setAttribute'] > Literal:first-child[value=/^(style|on.*|srcdoc)$/]",
    message: "the page's security policy refuses this attribute: use a class, element.style or addEventListener",
  },
];

// Names that a browser has for itself: a forgotten declaration would go unnoticed.
const BROWSERS_OWN = ["event", "length", "name", "parent", "self", "status", "top"];

const STORES = ["caches", "indexedDB", "localStorage", "sessionStorage"];

const reachedFrom = (...objects) => (property) =>
  objects.map((object) => ({ object, property, message: NOT_KEPT }));

export default [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: [...SCRIPTS, ...CHECKS],
    ...js.configs.recommended,
  },
  {
    files: [...SCRIPTS, ...CHECKS],
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    rules: {
      "complexity": ["error", 10],
      "curly": ["error", "multi-line"],
      "eqeqeq": "error",
      "max-depth": ["error", 3],
      "max-lines": ["error", 250],
      "no-console": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-script-url": "error",
      "no-shadow": ["error", { hoist: "never" }],
      "no-unused-vars": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
  {
    files: SCRIPTS,
    languageOptions: { globals: globals.browser },
    rules: {
      "no-restricted-globals": ["error", ...BROWSERS_OWN, ...STORES.map((name) => ({ name, message: NOT_KEPT }))],
      "no-restricted-properties": ["error", ...STORES.flatMap(reachedFrom("window", "globalThis")), ...reachedFrom("document")("cookie")],
      "no-restricted-syntax": ["error", ...MARKUP_FROM_TEXT],
    },
  },
  {
    // Remembers how the page looks.
    files: ["serving/pages/scripts/shell.js"],
    rules: {
      "no-restricted-globals": ["error", ...BROWSERS_OWN],
    },
  },
  {
    files: CHECKS,
    languageOptions: { ecmaVersion: "latest", globals: globals.node },
  },
];
