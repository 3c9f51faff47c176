import { placeOf, rangeOf } from "./offsets.ts";

/** Highlight the character range of the address, and follow links to such ranges. */
export function ranges(edition: HTMLElement): void {
  addEventListener("hashchange", () => showRange(edition));
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element
      ? event.target.closest<HTMLAnchorElement>("a.to-words[data-char]")
      : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    location.hash = `char=${link.dataset["char"] ?? ""}`;
  });
  showRange(edition);
}

function showRange(edition: HTMLElement): void {
  CSS.highlights?.delete("range");
  const offsets = rangeOf(location.hash);
  const range = offsets && domRange(edition, ...offsets);
  if (!range) return;
  if (CSS.highlights) CSS.highlights.set("range", new Highlight(range));
  else getSelection()?.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const holder = range.startContainer.parentElement;
  holder?.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  holder?.closest<HTMLElement>("a")?.focus({ preventScroll: true });
}

/** The DOM range between two offsets of the text. */
function domRange(edition: HTMLElement, start: number, end: number): Range | null {
  const nodes = [...edition.querySelectorAll("[data-words]")].flatMap(textsIn);
  const texts = nodes.map((node) => node.data);
  const [first, last] = [placeOf(texts, start, false), placeOf(texts, end, true)];
  const [from, to] = [first && nodes[first.text], last && nodes[last.text]];
  if (!first || !last || !from || !to) return null;
  const range = document.createRange();
  range.setStart(from, first.unit);
  range.setEnd(to, last.unit);
  return range;
}

function textsIn(words: Element): Text[] {
  const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) found.push(walker.currentNode as Text);
  return found;
}
