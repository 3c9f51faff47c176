/** Let the key / lead to the search box, as on other sites of reference. */
export function searchKey(): void {
  const box = document.querySelector<HTMLInputElement>("[data-site-search]");
  if (!box) return;
  document.addEventListener("keydown", (event) => {
    const writes = event.target instanceof HTMLElement && isField(event.target);
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

/** Whether keys typed there are text. A shadow host may hold an editor. */
function isField(element: HTMLElement): boolean {
  return element.isContentEditable || element.shadowRoot !== null ||
    element.matches("input, textarea, select");
}
