// What the label of a listed product states of fields that were left blank.

/** The value by the label; undefined where it states none, or the field is not blank. */
export function byLabel(name, answer) {
  return answer.label_values?.[name];
}

/** Missing fields, without those that the label states. */
export function unknownFields(answer) {
  return answer.missing.filter((name) => byLabel(name, answer) === undefined);
}
