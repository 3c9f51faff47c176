import { columnsOf } from "./columns.ts";
import type { Table, View } from "./view.ts";

const MOST = 400;

// The library adds a style sheet of its own unless an element has this name; the content
// policy would refuse it, and site.css has the one rule that it holds.
const SHEET = "__________cytoscape_stylesheet";

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The computed value of a colour of the style sheet, which a canvas needs. */
function resolved(host: HTMLElement, name: string): string {
  host.style.color = `var(${name})`;
  const found = getComputedStyle(host).color;
  host.style.color = "";
  return found || colour(name);
}

/** Rows as edges between the IRIs of the first two columns of IRIs. */
export const network: View = {
  name: "network",
  fits: (table) => table.rows.length > 1 && columnsOf(table, "iri").length > 1,
  async show(table, host) {
    const [{ default: cytoscape }, { default: fcose }] = await Promise.all([
      import("cytoscape"),
      import("cytoscape-fcose"),
    ]);
    if (!document.getElementById(SHEET)) {
      document.head.append(Object.assign(document.createElement("meta"), { id: SHEET }));
    }
    cytoscape.use(fcose);
    host.classList.add("network-view");
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const graph = cytoscape({
      container: host,
      elements: elements(table),
      maxZoom: 2,
      layout: { name: "fcose", idealEdgeLength: 110, animate: !still, randomize: false } as never,
      style: [
        {
          selector: "node",
          style: {
            label: "data(label)",
            "background-color": resolved(host, "--accent"),
            color: resolved(host, "--ink"),
            "font-size": 11,
            "text-wrap": "ellipsis",
            "text-max-width": "140px",
            width: 14,
            height: 14,
          },
        },
        {
          selector: "edge",
          style: {
            "line-color": resolved(host, "--line-strong"),
            "target-arrow-color": resolved(host, "--line-strong"),
            "target-arrow-shape": "triangle",
            "arrow-scale": 0.7,
            "curve-style": "bezier",
            width: 1,
          },
        },
      ],
    });
    graph.on("tap", "node", (event) => {
      const href: unknown = event.target.data("href");
      if (typeof href === "string" && href) location.assign(href);
    });
  },
};

interface Element {
  data: Record<string, string>;
  position?: { x: number; y: number };
}

/** Nodes and edges in the order of the rows, so that the layout is deterministic. */
export function elements(table: Table): Element[] {
  const [from, to] = columnsOf(table, "iri");
  const nodes = new Map<string, Element>();
  const edges: Element[] = [];
  for (const row of table.rows.slice(0, MOST)) {
    const ends = [row[from ?? 0], row[to ?? 1]];
    for (const end of ends) {
      if (end?.value && !nodes.has(end.value)) {
        nodes.set(end.value, { data: { id: end.value, label: end.text, href: end.href ?? "" } });
      }
    }
    const [source, target] = ends.map((end) => end?.value);
    if (source && target) edges.push({ data: { id: `edge ${edges.length}`, source, target } });
  }
  // The layout begins from a circle, not from chance.
  const turn = (2 * Math.PI) / nodes.size;
  const placed = [...nodes.values()].map((node, number) => ({
    ...node,
    position: { x: 200 * Math.cos(number * turn), y: 200 * Math.sin(number * turn) },
  }));
  return [...placed, ...edges];
}
