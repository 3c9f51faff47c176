import { EditorView } from "@codemirror/view";
import { prefixAt } from "./caret.ts";
import type { Vocabulary } from "./completion.ts";
import { declaration } from "./terms.ts";

/**
 * Replace a selection by typed text without the browser's help, which would keep the old
 * text's style in an inline style; the content security policy forbids those.
 */
export const replaceSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const isTyped = event.inputType === "insertText" && event.data;
    if (!isTyped || view.composing || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type" });
    return true;
  },
});

/** Declare a known prefix when a name with it is typed. */
export function declarePrefixes(load: () => Promise<Vocabulary>) {
  return EditorView.updateListener.of((update) => {
    if (!update.transactions.some((one) => one.isUserEvent("input.type"))) return;
    const { state, view } = update;
    const caret = state.selection.main.head;
    const line = state.doc.lineAt(caret);
    const prefix = prefixAt(line.text.slice(0, caret - line.from));
    if (!prefix) return;
    void load().then(({ terms }) => {
      const above = declaration(view.state.doc.toString(), prefix, terms);
      if (above) view.dispatch({ changes: { from: 0, insert: above }, userEvent: "input" });
    });
  });
}
