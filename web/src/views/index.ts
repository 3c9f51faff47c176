import { chart } from "./chart.ts";
import { map } from "./map.ts";
import { network } from "./network.ts";
import { timeline } from "./timeline.ts";
import type { View } from "./view.ts";

/** Every view, in the order of its tab; what fits an answer is offered beside its table. */
export const views: readonly View[] = [chart, map, timeline, network];
