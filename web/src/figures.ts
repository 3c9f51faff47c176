// Figures: a PNG of the charts.

import { pngButtons } from "./visuals/png.ts";

pngButtons(document);
