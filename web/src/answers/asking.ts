import type { Editor } from "../editor/editor.ts";
import { enhance } from "./enhance.ts";
import { wordsOf } from "./words.ts";

/** Run the query of a form in place: the page that the server answers with gives its result. */
export function asking(form: HTMLFormElement, result: HTMLElement, editor: Editor): void {
  const words = wordsOf(result);
  const state = form.querySelector<HTMLElement>("[data-state]");
  const cancel = form.querySelector<HTMLButtonElement>("[data-cancel]");
  const run = form.querySelector<HTMLButtonElement>("[type=submit]");
  let asked: AbortController | undefined;

  const tell = (text: string, isRunning = false): void => {
    if (state) state.textContent = text;
    if (cancel) cancel.hidden = !isRunning;
    if (run) run.disabled = isRunning;
  };
  const ask = async (address: URL): Promise<void> => {
    asked?.abort();
    const mine = (asked = new AbortController());
    const start = performance.now();
    tell(words["running"] ?? "", true);
    try {
      const reply = await fetch(address, { headers: { Accept: "text/html" }, signal: mine.signal });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      replace(result, page);
      const seconds = (performance.now() - start) / 1000;
      const number = new Intl.NumberFormat(document.documentElement.lang, {
        maximumSignificantDigits: 2,
        numberingSystem: "latn",
      });
      tell((words["seconds"] ?? "{}").replace("{}", number.format(seconds)));
      if (reply.ok) history.pushState(null, "", address);
    } catch {
      if (asked === mine) tell(words[mine.signal.aborted ? "canceled" : "unreachable"] ?? "");
      return;
    }
    enhance(result);
    editor.mark(faultIn(result));
  };

  cancel?.addEventListener("click", () => asked?.abort());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = new URL(form.action);
    address.search = new URLSearchParams({ query: editor.text() }).toString();
    void ask(address);
  });
  addEventListener("popstate", () => location.reload());
  editor.mark(faultIn(result));
}

/** Put the result of another page in the place of this one's. */
function replace(result: HTMLElement, page: Document): void {
  const found = page.getElementById("result") ?? page.getElementById("main");
  result.replaceChildren(...(found ? [...document.importNode(found, true).childNodes] : []));
}

export interface Fault {
  line: number;
  column: number;
  message: string;
}

/** Where the query is wrong, if the answer tells it. */
function faultIn(result: HTMLElement): Fault | undefined {
  const told = result.querySelector<HTMLElement>("#fault[data-line]");
  if (!told) return undefined;
  return {
    line: Number(told.dataset["line"]),
    column: Number(told.dataset["column"] ?? 1),
    message: told.querySelector("p")?.textContent ?? "",
  };
}
