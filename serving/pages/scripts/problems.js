// What the service finds wrong with a request: in words with the titles of the fields, and what can be left out.

import { fieldLabel } from "./wording.js";

/**
 * A problem in words of the language; in the service's own, after the field's title, where the language has none.
 * @param {{code: string, field: string, message: string, columns?: string[]}} problem `field` is a field of the form
 * @param {object} form as GET /form describes it
 * @param {import("./texts.js").Texts} texts
 */
export function problemWords({ code, field, message, columns = [] }, form, texts) {
  const label = (name) => fieldLabel(name, form.fields[name], texts);
  const others = columns.filter((name) => name !== field).map(label).join(", ");
  const key = `server.problems.${code}`;
  if (field && texts.has(key)) return texts.say(key, { field: label(field), others });
  return field ? `${label(field)}: ${message}` : message;
}

/**
 * The optional field that a request is right without; undefined where there is none.
 *
 * A value that is given and needed is never passed over for another that contradicts it.
 * @param {{field: string, columns?: string[]}} problem
 * @param {object} request
 * @param {function(string): boolean} isOptional
 */
export function removable({ field, columns = [] }, request, isOptional) {
  const named = field in request ? [field] : columns;
  return named.find((name) => name in request && isOptional(name));
}
