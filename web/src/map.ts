// The map: tooltips, zoom, PNG. The map can be read without them.

import { pngButtons } from "./visuals/png.ts";
import { tooltips } from "./visuals/tooltip.ts";
import { zoomable } from "./visuals/zoom.ts";

for (const drawing of document.querySelectorAll<SVGSVGElement>("svg.map, svg.orbits")) {
  tooltips(drawing);
  const texts = drawing.closest<HTMLElement>("[data-zoom-in]")?.dataset;
  if (texts && drawing.matches(".map")) {
    const closer = texts["zoomIn"] ?? "+";
    zoomable(drawing, { closer, farther: texts["zoomOut"] ?? "-", whole: texts["zoomReset"] ?? "0" });
  }
}
pngButtons(document);
