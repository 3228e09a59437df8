// What tables say, cell by cell.

import { everything, textOf } from "./drawn.js";

/** The body of every table that was drawn: its rows, each a list of texts. */
export function tablesOf(drawn) {
  const of = (part, ...tags) => everything(part).filter(({ tag }) => tags.includes(tag));
  return of(drawn, "tbody").map((body) => of(body, "tr").map((row) => of(row, "th", "td").map((cell) => textOf(withoutDrawings(cell)))));
}

function withoutDrawings(cell) {
  return cell.children.some(({ tag }) => tag === "svg") ? "" : cell;
}
