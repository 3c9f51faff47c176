/** Let each button with data-copy put the text of the element it names on the clipboard. */
export function copyButtons(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset["copy"] ?? "");
      await navigator.clipboard.writeText(source?.textContent?.trim() ?? "");
      button.textContent = button.dataset["done"] ?? label;
      setTimeout(() => (button.textContent = label), 2000);
    });
  }
}
