/** What an answer's parts are called, as the page tells it. */
export type Words = Readonly<Record<string, string>>;

export function wordsOf(result: HTMLElement): Words {
  return JSON.parse(result.dataset["words"] ?? "{}") as Words;
}
