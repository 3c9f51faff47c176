export interface Tab {
  name: string;
  /** Its panel, if the page has it already. */
  panel?: HTMLElement;
  /** Fills its panel when the tab is first selected. */
  draw?: (host: HTMLElement) => void | Promise<void>;
}

/** Tabs with their panels (the ARIA authoring practices' tabs pattern). */
export function tabs(label: string, items: Tab[]): DocumentFragment {
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", label);
  const panels = items.map((tab) => tab.panel ?? document.createElement("div"));
  const buttons = items.map((tab, place) => button(tab, place));
  const drawn = new Set(items.flatMap((tab, place) => (tab.draw ? [] : [place])));

  const choose = (place: number): void => {
    buttons.forEach((one, at) => {
      one.setAttribute("aria-selected", String(at === place));
      one.tabIndex = at === place ? 0 : -1;
    });
    panels.forEach((panel, at) => (panel.hidden = at !== place));
    const panel = panels[place];
    if (panel && !drawn.has(place)) {
      drawn.add(place);
      void items[place]?.draw?.(panel);
    }
  };
  buttons.forEach((one, place) => {
    one.addEventListener("click", () => choose(place));
    one.addEventListener("keydown", (event) => {
      const isRightToLeft = document.documentElement.dir === "rtl";
      const next = tabByKey(event.key, place, buttons.length, isRightToLeft);
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

/**
 * The tab that a key leads to (the ARIA authoring practices' pattern), if it leads to one.
 *
 * @param key - as KeyboardEvent names it.
 * @param from - the place of the tab that has the focus.
 * @param count - how many tabs there are.
 * @param isRightToLeft - the direction of the page, which arrows follow.
 */
export function tabByKey(key: string, from: number, count: number, isRightToLeft: boolean): number | undefined {
  const steps: Record<string, number> = {
    [isRightToLeft ? "ArrowLeft" : "ArrowRight"]: from + 1,
    [isRightToLeft ? "ArrowRight" : "ArrowLeft"]: from - 1,
    Home: 0,
    End: -1,
  };
  const step = steps[key];
  return step === undefined ? undefined : (step + count) % count;
}
