/** Localized labels of a result's tabs and messages, which the page carries as JSON. */
export type Labels = Readonly<Record<string, string>>;

export function labelsOf(result: HTMLElement): Labels {
  return JSON.parse(result.dataset["words"] ?? "{}") as Labels;
}
