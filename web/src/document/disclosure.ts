/** Buttons that open or close the facts beside the whole text. */
export function disclosureButtons(edition: HTMLElement): void {
  const bar = edition.querySelector<HTMLElement>("[data-shelves]");
  if (!bar) return;
  bar.hidden = false;
  for (const button of bar.querySelectorAll<HTMLButtonElement>("[data-open]")) {
    button.addEventListener("click", () => {
      const isOpen = button.dataset["open"] === "true";
      for (const shelf of edition.querySelectorAll("details.shelf")) {
        shelf.toggleAttribute("open", isOpen);
      }
    });
  }
}

/** Keep the words of a section in view while its facts scroll by, if they fit. */
export function stickyPassages(edition: HTMLElement): void {
  const watch = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      target.classList.toggle("fits", target.clientHeight < innerHeight - 48);
    }
  });
  for (const words of edition.querySelectorAll("[data-words]")) watch.observe(words);
}
