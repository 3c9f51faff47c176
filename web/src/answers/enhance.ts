import { copyButtons } from "../site/copy.ts";
import { sortableTables } from "../site/tables.ts";
import { views } from "../views/index.ts";
import { tabs, type Tab } from "./tabs.ts";
import { readTable } from "./table.ts";
import { labelsOf } from "./labels.ts";

/** Add tabs to a result: its table, each view that fits it, and the raw response. */
export function enhance(result: HTMLElement): void {
  const answer = result.querySelector<HTMLElement>("[data-answer]");
  const table = answer?.querySelector("table");
  if (!answer || !table) return;
  const data = readTable(table); // before headings get buttons
  sortableTables(answer);
  copyButtons(result);
  const labels = labelsOf(result);
  const raw = answer.dataset["raw"];
  const panel = answer.querySelector<HTMLElement>(".table");
  if (!panel) return;
  const items: Tab[] = [{ name: labels["table"] ?? "", panel }];
  for (const view of views.filter((one) => one.fits(data))) {
    items.push({ name: labels[view.name] ?? view.name, draw: (host) => view.show(data, host) });
  }
  if (raw) items.push({ name: labels["raw"] ?? "", draw: (host) => showRaw(raw, host) });
  answer.append(tabs(labels["views"] ?? "", items));
}

/** Fetch and show the response as a program gets it. */
async function showRaw(address: string, host: HTMLElement): Promise<void> {
  const reply = await fetch(address);
  const text = await reply.text();
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  const isJson = reply.headers.get("Content-Type")?.includes("json") ?? false;
  pre.textContent = isJson ? JSON.stringify(JSON.parse(text), null, 2) : text;
  host.replaceChildren(pre);
}
