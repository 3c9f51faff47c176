// Zooming and panning a drawing: its view box moves, nothing is drawn anew.

interface Texts {
  readonly closer: string;
  readonly farther: string;
  readonly whole: string;
}

/** The visible part of a drawing: its corner, and the magnification. */
export interface Zoom {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

const MOST = 12;

/** Zoom by a factor around a fixed point, given as shares of the visible part. */
export function zoomedBy(zoom: Zoom, { width, height }: Size, factor: number, atX = 0.5, atY = 0.5): Zoom {
  const scale = Math.min(Math.max(zoom.scale * factor, 1), MOST);
  const x = zoom.x + (width / zoom.scale - width / scale) * atX;
  const y = zoom.y + (height / zoom.scale - height / scale) * atY;
  return movedTo({ x, y, scale }, { width, height });
}

/** Clamp the visible part to the drawing. */
export function movedTo({ x, y, scale }: Zoom, { width, height }: Size): Zoom {
  return {
    x: Math.min(Math.max(x, 0), width - width / scale),
    y: Math.min(Math.max(y, 0), height - height / scale),
    scale,
  };
}

/** Let a drawing be zoomed and panned by buttons, pointer and keys. */
export function zoomable(drawing: SVGSVGElement, texts: Texts): void {
  const { width, height } = drawing.viewBox.baseVal;
  const size = { width, height };
  let zoom: Zoom = { x: 0, y: 0, scale: 1 };
  const show = (next: Zoom): void => {
    zoom = next;
    drawing.setAttribute("viewBox", `${zoom.x} ${zoom.y} ${width / zoom.scale} ${height / zoom.scale}`);
    drawing.classList.toggle("zoomed", zoom.scale > 1);
  };
  const by = (factor: number, atX?: number, atY?: number): void => show(zoomedBy(zoom, size, factor, atX, atY));
  const move = (x: number, y: number): void => show(movedTo({ x: zoom.x + x, y: zoom.y + y, scale: zoom.scale }, size));
  const bar = document.createElement("div");
  bar.className = "zoom";
  const buttons: [string, string, () => void][] = [
    ["+", texts.closer, () => by(1.6)],
    ["−", texts.farther, () => by(1 / 1.6)],
    ["⤢", texts.whole, () => by(0)],
  ];
  for (const [sign, name, act] of buttons) {
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
    const step = 60 / zoom.scale;
    const actions: Record<string, () => void> = {
      "+": () => by(1.6),
      "=": () => by(1.6),
      "-": () => by(1 / 1.6),
      "0": () => by(0),
      ArrowLeft: () => move(-step, 0),
      ArrowRight: () => move(step, 0),
      ArrowUp: () => move(0, -step),
      ArrowDown: () => move(0, step),
    };
    const act = actions[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow") && zoom.scale === 1) return;
    event.preventDefault();
    act();
  });
  let from: { x: number; y: number } | undefined;
  drawing.addEventListener("pointerdown", (event) => {
    if (zoom.scale > 1) from = { x: event.clientX, y: event.clientY };
  });
  drawing.addEventListener("pointermove", (event) => {
    if (!from) return;
    const box = drawing.getBoundingClientRect();
    const unit = { x: width / zoom.scale / box.width, y: height / zoom.scale / box.height };
    move((from.x - event.clientX) * unit.x, (from.y - event.clientY) * unit.y);
    from = { x: event.clientX, y: event.clientY };
  });
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) {
    drawing.addEventListener(end, () => (from = undefined));
  }
}
