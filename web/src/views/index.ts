import { chart } from "./chart.ts";
import { map } from "./map.ts";
import { network } from "./network.ts";
import { timeline } from "./timeline.ts";
import type { View } from "./view.ts";

/** Every view, in the order of the tabs. */
export const views: readonly View[] = [chart, map, timeline, network];
