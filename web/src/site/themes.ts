type Theme = "light" | "dark";

/** Show the switch, and let it turn the theme that is seen into the other one. */
export function themeSwitch(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-theme-switch]");
  if (!button) return;
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const current = (): Theme =>
    (root.dataset["theme"] as Theme | undefined) ?? (system.matches ? "dark" : "light");
  const showState = (): void => button.setAttribute("aria-pressed", String(current() === "dark"));
  button.hidden = false;
  showState();
  system.addEventListener("change", showState);
  button.addEventListener("click", () => {
    const next: Theme = current() === "dark" ? "light" : "dark";
    root.dataset["theme"] = next;
    localStorage.setItem("theme", next);
    showState();
  });
}
