// Looking closer at a drawing: its view box moves, nothing is drawn anew.

interface Texts {
  readonly closer: string;
  readonly farther: string;
  readonly whole: string;
}

/** Buttons, dragging and keys that zoom a drawing. */
export function zoomable(drawing: SVGSVGElement, texts: Texts): void {
  const whole = drawing.viewBox.baseVal;
  const [width, height] = [whole.width, whole.height];
  let [x, y, scale] = [0, 0, 1];
  const show = (): void => {
    const [w, h] = [width / scale, height / scale];
    x = Math.min(Math.max(x, 0), width - w);
    y = Math.min(Math.max(y, 0), height - h);
    drawing.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
    drawing.classList.toggle("zoomed", scale > 1);
  };
  const by = (factor: number, atX = 0.5, atY = 0.5): void => {
    const next = Math.min(Math.max(scale * factor, 1), 12);
    x += (width / scale - width / next) * atX;
    y += (height / scale - height / next) * atY;
    scale = next;
    show();
  };
  const bar = document.createElement("div");
  bar.className = "zoom";
  const actions: [string, string, () => void][] = [
    ["+", texts.closer, () => by(1.6)],
    ["−", texts.farther, () => by(1 / 1.6)],
    ["⤢", texts.whole, () => by(0)],
  ];
  for (const [sign, name, act] of actions) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", name);
    button.title = name;
    button.addEventListener("click", act);
    bar.append(button);
  }
  drawing.after(bar);
  drawing.addEventListener("dblclick", (event) => {
    const box = drawing.getBoundingClientRect();
    by(1.8, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
  drawing.addEventListener("keydown", (event) => {
    const step = 60 / scale;
    const moves: Record<string, () => void> = {
      "+": () => by(1.6),
      "=": () => by(1.6),
      "-": () => by(1 / 1.6),
      "0": () => by(0),
      ArrowLeft: () => (x -= step),
      ArrowRight: () => (x += step),
      ArrowUp: () => (y -= step),
      ArrowDown: () => (y += step),
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow") && scale === 1) return;
    event.preventDefault();
    move();
    show();
  });
  let from: { x: number; y: number } | undefined;
  drawing.addEventListener("pointerdown", (event) => {
    if (scale > 1) from = { x: event.clientX, y: event.clientY };
  });
  drawing.addEventListener("pointermove", (event) => {
    if (!from) return;
    const box = drawing.getBoundingClientRect();
    x -= ((event.clientX - from.x) / box.width) * (width / scale);
    y -= ((event.clientY - from.y) / box.height) * (height / scale);
    from = { x: event.clientX, y: event.clientY };
    show();
  });
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) {
    drawing.addEventListener(end, () => (from = undefined));
  }
}
