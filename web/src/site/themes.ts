type Theme = "light" | "dark";

/** Show the switch, and let it turn the theme that is seen into the other one. */
export function themeSwitch(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-theme-switch]");
  if (!button) return;
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const seen = (): Theme =>
    (root.dataset["theme"] as Theme | undefined) ?? (system.matches ? "dark" : "light");
  const tell = (): void => button.setAttribute("aria-pressed", String(seen() === "dark"));
  button.hidden = false;
  tell();
  system.addEventListener("change", tell);
  button.addEventListener("click", () => {
    const next: Theme = seen() === "dark" ? "light" : "dark";
    root.dataset["theme"] = next;
    localStorage.setItem("theme", next);
    tell();
  });
}
