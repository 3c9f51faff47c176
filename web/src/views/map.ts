import type { Projection } from "d3-geo";
import type { Table, View } from "./view.ts";

const SVG = "http://www.w3.org/2000/svg";

interface World {
  readonly projection: { readonly turn: number; readonly scale: number; readonly x: number; readonly y: number };
  readonly width: number;
  readonly height: number;
  readonly shapes: Readonly<Record<string, string>>;
  readonly others: readonly string[];
}

const column = (table: Table, form: RegExp): number =>
  table.columns.findIndex(({ name }) => form.test(name));
const latitude = (table: Table): number => column(table, /^lat(itude)?$/);
const longitude = (table: Table): number => column(table, /^long(itude)?$/);

/** A marker for each row with coordinates, over the outlines of the world. */
export const map: View = {
  name: "map",
  fits: (table) => table.rows.length > 0 && latitude(table) >= 0 && longitude(table) >= 0,
  async show(table, host) {
    const [{ default: world }, { geoEqualEarth }] = await Promise.all([
      import("../../../src/alaqat/visuals/world.json") as Promise<{ default: World }>,
      import("d3-geo"),
    ]);
    const place = projectionOf(world, geoEqualEarth());
    const drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("class", "map");
    drawing.setAttribute("viewBox", `0 0 ${world.width} ${world.height}`);
    const land = document.createElementNS(SVG, "path");
    land.setAttribute("class", "land");
    land.setAttribute("d", [...Object.values(world.shapes), ...world.others].join(""));
    drawing.append(land);
    for (const [long, lat, text, href] of points(table)) {
      const point = place([long, lat]);
      if (!point) continue;
      const link = document.createElementNS(SVG, "a");
      if (href) link.setAttribute("href", href);
      link.setAttribute("class", "city");
      link.setAttribute("aria-label", text);
      const title = document.createElementNS(SVG, "title");
      title.textContent = text;
      const mark = document.createElementNS(SVG, "circle");
      for (const [key, value] of Object.entries({ cx: point[0], cy: point[1], r: 8 })) {
        mark.setAttribute(key, String(value));
      }
      link.append(title, mark);
      drawing.append(link);
    }
    host.append(drawing);
  },
};

/** The projection in which the outlines of a world are drawn. */
export function projectionOf({ projection: { turn, scale, x, y } }: Pick<World, "projection">, equalEarth: Projection): Projection {
  return equalEarth.rotate([-turn, 0]).scale(scale).translate([x, y]);
}

/** Longitude, latitude, label and link of each row with coordinates. */
export function points(table: Table): [number, number, string, string | null][] {
  const [lat, long] = [latitude(table), longitude(table)];
  return table.rows.flatMap((row): [number, number, string, string | null][] => {
    const [x, y] = [Number(row[long]?.value || Number.NaN), Number(row[lat]?.value || Number.NaN)];
    const named = row.find((cell) => cell.kind === "iri") ?? row.find((cell) => cell.kind === "text");
    return Number.isFinite(x) && Number.isFinite(y) ? [[x, y, named?.text ?? "", named?.href ?? null]] : [];
  });
}
