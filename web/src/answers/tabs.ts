export interface Tab {
  name: string;
  /** What the tab shows, if it is in the page already. */
  panel?: HTMLElement;
  /** Draws what it shows when it is first chosen. */
  draw?: (host: HTMLElement) => void | Promise<void>;
}

/** Tabs with their panels, as ARIA's authoring practices have them. */
export function tabs(label: string, found: Tab[]): DocumentFragment {
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", label);
  const panels = found.map((tab) => tab.panel ?? document.createElement("div"));
  const buttons = found.map((tab, place) => button(tab, place));
  const drawn = new Set(found.flatMap((tab, place) => (tab.draw ? [] : [place])));

  const choose = (place: number): void => {
    buttons.forEach((one, at) => {
      one.setAttribute("aria-selected", String(at === place));
      one.tabIndex = at === place ? 0 : -1;
    });
    panels.forEach((panel, at) => (panel.hidden = at !== place));
    const panel = panels[place];
    if (panel && !drawn.has(place)) {
      drawn.add(place);
      void found[place]?.draw?.(panel);
    }
  };
  buttons.forEach((one, place) => {
    one.addEventListener("click", () => choose(place));
    one.addEventListener("keydown", (event) => {
      const next = neighbour(event, place, buttons.length);
      if (next === undefined) return;
      event.preventDefault();
      choose(next);
      buttons[next]?.focus();
    });
  });
  panels.forEach((panel) => {
    if (!panel.hasAttribute("role")) panel.setAttribute("role", "tabpanel");
  });
  list.append(...buttons);
  choose(0);
  const whole = document.createDocumentFragment();
  whole.append(list, ...panels);
  return whole;
}

function button(tab: Tab, place: number): HTMLButtonElement {
  const one = document.createElement("button");
  one.type = "button";
  one.setAttribute("role", "tab");
  one.dataset["tab"] = String(place);
  one.textContent = tab.name;
  return one;
}

/** The tab that a key leads to; arrows follow the direction of the page. */
function neighbour(event: KeyboardEvent, place: number, count: number): number | undefined {
  const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  const steps: Record<string, number> = { [forward]: place + 1, [back]: place - 1, Home: 0, End: -1 };
  const step = steps[event.key];
  return step === undefined ? undefined : (step + count) % count;
}
