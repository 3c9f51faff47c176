import { fold } from "./fold.ts";

/** Let the field of data-filter leave only the questions that hold its words. */
export function filterQuestions(root: ParentNode): void {
  const box = root.querySelector<HTMLElement>("[data-filter]");
  const field = box?.querySelector("input");
  if (!box || !field) return;
  box.hidden = false;
  const items = [...root.querySelectorAll<HTMLElement>("[data-group] li")].map((item) => ({
    item,
    text: fold(item.textContent ?? ""),
  }));
  const groups = [...root.querySelectorAll<HTMLElement>("[data-group]")];
  const none = root.querySelector<HTMLElement>("[data-no-match]");
  field.addEventListener("input", () => {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    for (const { item, text } of items) item.hidden = !words.every((word) => text.includes(word));
    for (const group of groups) group.hidden = !group.querySelector("li:not([hidden])");
    if (none) none.hidden = groups.some((group) => !group.hidden);
  });
}
