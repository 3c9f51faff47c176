// Libraries that come without types, as far as they are used here.

declare module "cytoscape-fcose" {
  import type { Ext } from "cytoscape";
  const fcose: Ext;
  export default fcose;
}
declare module "d3-geo" {
  export interface Projection {
    (point: [number, number]): [number, number] | null;
    rotate(angles: [number, number]): Projection;
    scale(scale: number): Projection;
    translate(point: [number, number]): Projection;
  }
  export function geoEqualEarth(): Projection;
}
