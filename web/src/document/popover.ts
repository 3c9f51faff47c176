import { besideWords } from "./position.ts";

const HIDE_DELAY = 220; // milliseconds to get from the words to what is shown beside them

/** Show the facts and doubts of annotated words on hover and focus. */
export function popovers(edition: HTMLElement, popover: HTMLElement): void {
  let shown: HTMLElement | null = null;
  let timer = 0;

  const hide = () => {
    clearTimeout(timer);
    for (const one of document.querySelectorAll(".claimed.highlighted, .statement.highlighted")) one.classList.remove("highlighted");
    popover.hidden = true;
    shown = null;
  };
  const hideSoon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(hide, HIDE_DELAY);
  };
  const show = (words: HTMLElement) => {
    clearTimeout(timer);
    if (shown === words) return;
    hide();
    shown = words;
    fill(popover, entriesOf(words));
    highlight(edition, words);
    popover.hidden = popover.childElementCount === 0;
    if (!popover.hidden) place(popover, words);
  };

  edition.addEventListener("pointerover", (event) => {
    const words = annotatedAt(event.target);
    if (words && event.pointerType === "mouse") show(words);
    else if (event.pointerType === "mouse" && shown) hideSoon();
  });
  popover.addEventListener("pointerenter", () => clearTimeout(timer));
  popover.addEventListener("pointerleave", hideSoon);
  edition.addEventListener("focusin", (event) => {
    const words = annotatedAt(event.target);
    if (words?.matches(":focus-visible")) show(words);
  });
  edition.addEventListener("focusout", (event) => {
    if (annotatedAt(event.target) && !popover.contains(event.relatedTarget as Node | null)) hideSoon();
  });
  popover.addEventListener("focusin", () => clearTimeout(timer));
  popover.addEventListener("focusout", (event) => {
    if (!popover.contains(event.relatedTarget as Node | null)) hideSoon();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    if (popover.contains(document.activeElement)) shown.focus();
    hide();
  });
  document.addEventListener("click", (event) => {
    const words = annotatedAt(event.target);
    if (!words) {
      if (!popover.contains(event.target as Node)) hide();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const links = entriesOf(words).map(factOf).filter((link) => link !== null);
    const isTouch = event instanceof PointerEvent && event.pointerType === "touch";
    const [only, ...others] = new Set(links.map((link) => link.href));
    if (only && others.length === 0 && !isTouch) {
      location.assign(only);
      return;
    }
    show(words);
    if (!isTouch) popover.querySelector<HTMLElement>("a")?.focus();
  });
}

/** The annotated words that an event is about, unless their kind is filtered out. */
function annotatedAt(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".claimed:not(.off)") : null;
}

/** The entries of the claims and notes that are anchored to some words. */
function entriesOf(words: HTMLElement): HTMLElement[] {
  const anchors = `${words.dataset["claims"] ?? ""} ${words.dataset["notes"] ?? ""}`;
  return anchors.split(" ").flatMap((anchor) => (anchor && document.getElementById(anchor)) || [])
    .filter((entry) => !entry.classList.contains("off"));
}

function factOf(entry: HTMLElement): HTMLAnchorElement | null {
  return entry.querySelector<HTMLAnchorElement>(".statement-gloss a");
}

function fill(popover: HTMLElement, entries: HTMLElement[]): void {
  popover.replaceChildren(...entries.map((entry) => {
    const copy = document.createElement(entry.localName === "details" ? "details" : "div");
    copy.toggleAttribute("open", entry.localName === "details");
    copy.className = entry.className;
    copy.classList.remove("highlighted");
    Object.assign(copy.dataset, entry.dataset);
    copy.append(...[...entry.childNodes].map((node) => node.cloneNode(true)));
    return copy;
  }));
}

/** Mark all the words of the same claims, and their entries. */
function highlight(edition: HTMLElement, words: HTMLElement): void {
  const claims = (words.dataset["claims"] ?? "").split(" ").filter(Boolean);
  for (const claim of claims) {
    document.getElementById(claim)?.classList.add("highlighted");
    for (const one of edition.querySelectorAll(`.claimed[data-claims~="${CSS.escape(claim)}"]`)) {
      one.classList.add("highlighted");
    }
  }
}

function place(popover: HTMLElement, words: HTMLElement): void {
  const [first = words.getBoundingClientRect(), ...others] = words.getClientRects();
  const size = { width: popover.offsetWidth, height: popover.offsetHeight };
  const room = { width: document.documentElement.clientWidth, height: innerHeight };
  const { top, left } = besideWords([first, ...others], size, room);
  popover.style.top = `${top + scrollY}px`;
  popover.style.left = `${left + scrollX}px`;
}
