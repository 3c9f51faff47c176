import { moved, partsOf, type Hit } from "./hits.ts";

const PAUSE = 120; // milliseconds after the last key
const LIMIT = 5;
let boxes = 0;

/** Search as one types, in the box of every page and in fields that name something. */
export function suggestions(): void {
  const fields = "[data-site-search], [data-suggest]";
  document.querySelectorAll<HTMLInputElement>(fields).forEach(suggest);
}

/**
 * Let a text field suggest what the site knows (WAI-ARIA combobox with a list).
 *
 * The box of the site leads to the page of what is chosen; a field that names something,
 * which says in data-suggest what kinds it takes, is filled with its name.
 */
function suggest(box: HTMLInputElement): void {
  const kinds = box.dataset["suggest"] ?? "";
  const isNaming = kinds !== "";
  const list = document.createElement("ul");
  list.id = `suggestions-${boxes++}`;
  list.className = "suggestions";
  list.role = "listbox";
  list.hidden = true;
  list.setAttribute("aria-label", box.getAttribute("aria-label") ?? box.placeholder);
  const holder = document.createElement("span");
  holder.className = "suggesting";
  box.replaceWith(holder);
  holder.append(box, list);
  box.role = "combobox";
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");

  let hits: Hit[] = [];
  let place = -1;
  let waiting = 0;
  let asked: AbortController | null = null;

  const close = () => {
    clearTimeout(waiting);
    asked?.abort();
    list.hidden = true;
    place = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const choose = (hit: Hit) => {
    close();
    if (!isNaming) {
      location.assign(hit.page);
      return;
    }
    box.value = hit.name;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const move = (step: 1 | -1) => {
    place = moved(place, step, hits.length);
    for (const [number, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(number === place));
      if (number === place) option.scrollIntoView({ block: "nearest" });
    }
    if (place < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `${list.id}-${place}`);
  };
  const ask = async () => {
    const text = box.value.trim();
    if (!text) return close();
    asked?.abort();
    asked = new AbortController();
    try {
      const reply = await fetch(address(text, kinds), { signal: asked.signal });
      if (!reply.ok) return close();
      hits = ((await reply.json()) as { hits: Hit[] }).hits;
    } catch {
      return; // overtaken by a later key, or no network: the form still works
    }
    place = -1;
    list.replaceChildren(...hits.map((hit, number) => option(hit, `${list.id}-${number}`)));
    list.hidden = hits.length === 0;
    box.setAttribute("aria-expanded", String(hits.length > 0));
  };

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(ask, PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || (list.hidden && event.key !== "ArrowDown")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) void ask();
      else move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Enter") {
      const hit = hits[place];
      if (!hit) return;
      event.preventDefault();
      choose(hit);
    }
  });
  box.addEventListener("blur", () => close());
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target instanceof Element ? event.target.closest("li") : null;
    const hit = chosen && hits[[...list.children].indexOf(chosen)];
    if (hit) choose(hit);
  });
}

/** Where to ask: beside the search page of the language of this page. */
function address(text: string, kinds: string): string {
  const form = document.querySelector<HTMLFormElement>('form[role="search"]');
  const url = new URL(`${form?.getAttribute("action") ?? "/search"}.json`, location.href);
  url.searchParams.set("q", text);
  url.searchParams.set("limit", String(LIMIT));
  if (kinds) url.searchParams.set("kind", kinds);
  return url.href;
}

function option(hit: Hit, id: string): HTMLLIElement {
  const item = document.createElement("li");
  item.id = id;
  item.role = "option";
  item.setAttribute("aria-selected", "false");
  const label = hit.labels[document.documentElement.lang];
  if (label && label !== hit.text) item.append(told("bdi", label), marked(hit, "small"));
  else item.append(marked(hit, "bdi"));
  return item;
}

function told(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function marked(hit: Hit, tag: string): HTMLElement {
  const element = document.createElement(tag);
  element.dir = "auto";
  if (hit.language) element.lang = hit.language;
  for (const part of partsOf(hit.text, hit.ranges)) {
    element.append(part.isSought ? told("mark", part.text) : part.text);
  }
  return element;
}
