const GAP = 6;
const PATIENCE = 220; // milliseconds to get from the words to what is shown beside them

/** Show what words state, and their doubts, while they are pointed at or have the focus. */
export function popovers(edition: HTMLElement, popover: HTMLElement): void {
  let shown: HTMLElement | null = null;
  let leaving = 0;

  const hide = () => {
    clearTimeout(leaving);
    for (const one of document.querySelectorAll(".said.lit, .statement.lit")) one.classList.remove("lit");
    popover.hidden = true;
    shown = null;
  };
  const leave = () => {
    clearTimeout(leaving);
    leaving = window.setTimeout(hide, PATIENCE);
  };
  const show = (words: HTMLElement) => {
    clearTimeout(leaving);
    if (shown === words) return;
    hide();
    shown = words;
    fill(popover, entriesOf(words));
    light(edition, words);
    popover.hidden = popover.childElementCount === 0;
    if (!popover.hidden) place(popover, words);
  };

  edition.addEventListener("pointerover", (event) => {
    const words = saidAt(event.target);
    if (words && event.pointerType === "mouse") show(words);
    else if (event.pointerType === "mouse" && shown) leave();
  });
  popover.addEventListener("pointerenter", () => clearTimeout(leaving));
  popover.addEventListener("pointerleave", leave);
  edition.addEventListener("focusin", (event) => {
    const words = saidAt(event.target);
    if (words?.matches(":focus-visible")) show(words);
  });
  edition.addEventListener("focusout", (event) => {
    if (saidAt(event.target) && !popover.contains(event.relatedTarget as Node | null)) leave();
  });
  popover.addEventListener("focusin", () => clearTimeout(leaving));
  popover.addEventListener("focusout", (event) => {
    if (!popover.contains(event.relatedTarget as Node | null)) leave();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    if (popover.contains(document.activeElement)) shown.focus();
    hide();
  });
  document.addEventListener("click", (event) => {
    const words = saidAt(event.target);
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

function saidAt(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".said:not(.off)") : null;
}

/** The entries of the claims and notes that stand on some words. */
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
    copy.classList.remove("lit");
    Object.assign(copy.dataset, entry.dataset);
    copy.append(...[...entry.childNodes].map((node) => node.cloneNode(true)));
    return copy;
  }));
}

/** Mark all the words of the same claims, and their entries. */
function light(edition: HTMLElement, words: HTMLElement): void {
  const claims = (words.dataset["claims"] ?? "").split(" ").filter(Boolean);
  for (const claim of claims) {
    document.getElementById(claim)?.classList.add("lit");
    for (const one of edition.querySelectorAll(`.said[data-claims~="${CSS.escape(claim)}"]`)) {
      one.classList.add("lit");
    }
  }
}

/** Put the popover below the words, or above them where there is no room below. */
function place(popover: HTMLElement, words: HTMLElement): void {
  const boxes = words.getClientRects();
  const box = boxes[boxes.length - 1] ?? words.getBoundingClientRect();
  const [width, height] = [popover.offsetWidth, popover.offsetHeight];
  const isBelow = box.bottom + GAP + height < innerHeight || box.top < height + GAP;
  const top = isBelow ? box.bottom + GAP : (boxes[0] ?? box).top - GAP - height;
  const margin = 8;
  const wanted = box.left + box.width / 2 - width / 2;
  const left = Math.max(margin, Math.min(wanted, document.documentElement.clientWidth - width - margin));
  popover.style.top = `${top + scrollY}px`;
  popover.style.left = `${left + scrollX}px`;
}
