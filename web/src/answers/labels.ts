/** What the parts of an answer are called, in the language of the page. */
export type Labels = Readonly<Record<string, string>>;

export function labelsOf(result: HTMLElement): Labels {
  return JSON.parse(result.dataset["words"] ?? "{}") as Labels;
}
