// Publications by DOI, PMID, PMC or NCT number, or as a citation.

import { h } from "./dom.js";

/** A source as a link where it names one. */
export function address(source) {
  if (/^10\.\d{4,}\//.test(source)) return `https://doi.org/${source}`;
  const pubmed = source.match(/^PMID:?\s*(\d+)$/i);
  if (pubmed) return `https://pubmed.ncbi.nlm.nih.gov/${pubmed[1]}/`;
  const pmc = source.match(/^PMC\d+$/i);
  if (pmc) return `https://pmc.ncbi.nlm.nih.gov/articles/${source}/`;
  return /^NCT\d{8}$/.test(source) ? `https://clinicaltrials.gov/study/${source}` : null;
}

/** Several sources, each as a link. */
export function sourceLinks(sources) {
  return sources.map((source, position) => [position > 0 && ", ", sourceLink(source)]);
}

/** A source, to be followed in a tab of its own where it can be. */
export function sourceLink(source) {
  const where = address(source);
  return where ? h("a", { href: where, target: "_blank", rel: "noreferrer noopener" }, source) : source;
}
