import { fold } from "./fold.ts";

/** Whether a folded text contains every word of a query, in any order. */
export function holdsWords(folded: string, query: string): boolean {
  return fold(query).split(" ").every((word) => folded.includes(word));
}

/** Filter the list of questions by the words in the field of data-filter. */
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
    for (const { item, text } of items) item.hidden = !holdsWords(text, field.value);
    for (const group of groups) group.hidden = !group.querySelector("li:not([hidden])");
    if (none) none.hidden = groups.some((group) => !group.hidden);
  });
}
