// Tooltips of a drawing, shown without delay on hover and focus.

/** Show the title of a mark on hover and focus. */
export function tooltips(drawing: SVGSVGElement): void {
  const tip = document.createElement("p");
  tip.className = "tip";
  tip.hidden = true;
  tip.dir = "auto";
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  for (const title of drawing.querySelectorAll("title")) {
    // The browser's own tip would stand beside ours; a name for readers stays.
    const mark = title.parentElement;
    if (!mark) continue;
    mark.setAttribute("data-tip", title.textContent ?? "");
    if (mark.matches("a") && !mark.hasAttribute("aria-label")) {
      mark.setAttribute("aria-label", title.textContent ?? "");
    }
    title.remove();
  }
  const show = (target: EventTarget | null, x: number, y: number): void => {
    const mark = target instanceof Element ? target.closest("[data-tip]") : null;
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.getAttribute("data-tip");
    const { width, height } = tip.getBoundingClientRect();
    tip.style.insetInlineStart = "auto";
    tip.style.translate = `${Math.min(x + 14, innerWidth - width - 8)}px ${Math.max(y - height - 10, 4)}px`;
  };
  drawing.addEventListener("pointermove", (event) => show(event.target, event.clientX, event.clientY));
  drawing.addEventListener("pointerleave", () => show(null, 0, 0));
  drawing.addEventListener("focusin", (event) => {
    const box = (event.target as Element).getBoundingClientRect();
    show(event.target, box.right, box.top);
  });
  drawing.addEventListener("focusout", () => show(null, 0, 0));
  drawing.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(null, 0, 0);
  });
}
