import type { QueryError } from "../editor/diagnostics.ts";
import type { Editor } from "../editor/editor.ts";
import { enhance } from "./enhance.ts";
import { labelsOf } from "./labels.ts";

/** Run a form's query without leaving the page: fetch the result page and show its result here. */
export function runInPlace(form: HTMLFormElement, result: HTMLElement, editor: Editor): void {
  const labels = labelsOf(result);
  const status = form.querySelector<HTMLElement>("[data-state]");
  const cancelButton = form.querySelector<HTMLButtonElement>("[data-cancel]");
  const runButton = form.querySelector<HTMLButtonElement>("[type=submit]");
  let latest: AbortController | undefined;

  const showStatus = (text: string, isRunning = false): void => {
    if (status) status.textContent = text;
    if (cancelButton) cancelButton.hidden = !isRunning;
    if (runButton) runButton.disabled = isRunning;
  };
  const run = async (address: URL): Promise<void> => {
    latest?.abort();
    const request = (latest = new AbortController());
    const start = performance.now();
    showStatus(labels["running"] ?? "", true);
    try {
      const reply = await fetch(address, { headers: { Accept: "text/html" }, signal: request.signal });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      replace(result, page);
      const seconds = (performance.now() - start) / 1000;
      const number = new Intl.NumberFormat(document.documentElement.lang, {
        maximumSignificantDigits: 2,
        numberingSystem: "latn",
      });
      showStatus((labels["seconds"] ?? "{}").replace("{}", number.format(seconds)));
      if (reply.ok) history.pushState(null, "", address);
    } catch {
      if (latest === request) showStatus(labels[request.signal.aborted ? "canceled" : "unreachable"] ?? "");
      return;
    }
    enhance(result);
    editor.mark(errorIn(result));
  };

  cancelButton?.addEventListener("click", () => latest?.abort());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = new URL(form.action);
    address.search = new URLSearchParams({ query: editor.text() }).toString();
    void run(address);
  });
  addEventListener("popstate", () => location.reload());
  editor.mark(errorIn(result));
}

/** Replace the result by that of a fetched page. */
function replace(result: HTMLElement, page: Document): void {
  const found = page.getElementById("result") ?? page.getElementById("main");
  result.replaceChildren(...(found ? [...document.importNode(found, true).childNodes] : []));
}

/** The syntax error that the result reports, if it has a position. */
function errorIn(result: HTMLElement): QueryError | undefined {
  const alert = result.querySelector<HTMLElement>("#fault[data-line]");
  if (!alert) return undefined;
  return {
    line: Number(alert.dataset["line"]),
    column: Number(alert.dataset["column"] ?? 1),
    message: alert.querySelector("p")?.textContent ?? "",
  };
}
