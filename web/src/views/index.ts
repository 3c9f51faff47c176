import { chart } from "./chart.ts";
import type { View } from "./view.ts";

/** Every view, in the order of its tab; what fits an answer is offered beside its table. */
export const views: readonly View[] = [chart];
