import { partsOf, placeAfter, suggestionsUrl, type Hit } from "./hits.ts";

const PAUSE = 120; // milliseconds after the last key
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
  const form = document.querySelector<HTMLFormElement>('form[role="search"]');
  const action = form?.getAttribute("action") ?? "/search";
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
  let timer = 0;
  let request: AbortController | null = null;

  const close = () => {
    clearTimeout(timer);
    request?.abort();
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
    place = placeAfter(place, step, hits.length);
    for (const [number, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(number === place));
      if (number === place) option.scrollIntoView({ block: "nearest" });
    }
    if (place < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `${list.id}-${place}`);
  };
  const load = async () => {
    const text = box.value.trim();
    if (!text) return close();
    request?.abort();
    request = new AbortController();
    try {
      const reply = await fetch(suggestionsUrl(action, location.href, text, kinds), { signal: request.signal });
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
    clearTimeout(timer);
    timer = window.setTimeout(load, PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || (list.hidden && event.key !== "ArrowDown")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) void load();
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

function option(hit: Hit, id: string): HTMLLIElement {
  const item = document.createElement("li");
  item.id = id;
  item.role = "option";
  item.setAttribute("aria-selected", "false");
  const label = hit.labels[document.documentElement.lang];
  if (label && label !== hit.text) item.append(element("bdi", label), highlighted(hit, "small"));
  else item.append(highlighted(hit, "bdi"));
  return item;
}

function element(tag: string, text: string): HTMLElement {
  const created = document.createElement(tag);
  created.textContent = text;
  return created;
}

function highlighted(hit: Hit, tag: string): HTMLElement {
  const holder = document.createElement(tag);
  holder.dir = "auto";
  if (hit.language) holder.lang = hit.language;
  for (const part of partsOf(hit.text, hit.ranges)) {
    holder.append(part.isMatch ? element("mark", part.text) : part.text);
  }
  return holder;
}
