/** Filter facts by kind from the legend, without reloading the page. */
export function filterKinds(edition: HTMLElement): void {
  const links = [...edition.querySelectorAll<HTMLAnchorElement>(".kinds a[data-only]")];
  if (edition.dataset["only"]) return; // the server left the others out
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      showOnly(edition, link.dataset["only"] ?? "");
      for (const one of links) one.toggleAttribute("aria-current", false);
      link.setAttribute("aria-current", "true");
    });
  }
}

function showOnly(edition: HTMLElement, kind: string): void {
  edition.dataset["only"] = kind;
  for (const entry of edition.querySelectorAll<HTMLElement>(".statement")) {
    entry.classList.toggle("off", kind !== "" && entry.dataset["kind"] !== kind);
  }
  for (const words of edition.querySelectorAll<HTMLElement>(".claimed")) {
    const claims = (words.dataset["claims"] ?? "").split(" ").filter(Boolean);
    const entries = claims.map((claim) => document.getElementById(claim));
    const isShown = entries.some((entry) => entry?.dataset["kind"] === kind);
    words.classList.toggle("off", kind !== "" && !isShown);
    words.tabIndex = words.classList.contains("off") ? -1 : 0;
  }
}
