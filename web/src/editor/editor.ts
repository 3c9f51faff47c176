import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { sparql } from "codemirror-lang-sparql";
import { completion, vocabulary } from "./completion.ts";
import { underlined, type QueryError } from "./diagnostics.ts";
import { declarePrefixes, replaceSelection } from "./input.ts";
import { highlighting, theme } from "./theme.ts";

export interface Editor {
  /** The current query. */
  text(): string;
  /** Underline an error, or clear the underline. */
  mark(error: QueryError | undefined): void;
}

/**
 * Replace a form's text field by an editor; the hidden field still carries the text.
 *
 * The editor lives in a shadow root, where its styles are constructed style sheets: the
 * content security policy allows those, and forbids style elements.
 */
export function edit(form: HTMLFormElement): Editor {
  const field = form.querySelector<HTMLTextAreaElement>("textarea");
  if (!field) throw new Error("The form has no text field.");
  const host = document.createElement("div");
  host.className = "editor";
  host.dir = "ltr";
  field.after(host);
  const label = form.querySelector<HTMLLabelElement>(`label[for=${field.id}]`);
  const load = vocabulary(form.dataset["terms"] ?? "");
  const shadow = host.attachShadow({ mode: "open" });
  const view = new EditorView({
    parent: shadow,
    root: shadow,
    state: EditorState.create({
      doc: field.value,
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (form.requestSubmit(), true) }])),
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        sparql(),
        syntaxHighlighting(highlighting),
        autocompletion({ override: [completion(load)], maxRenderedOptions: 60 }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label?.textContent ?? "", dir: "ltr", tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) field.value = update.state.doc.toString();
        }),
        replaceSelection,
        declarePrefixes(load),
        theme,
      ],
    }),
  });
  field.hidden = true;
  label?.addEventListener("click", () => view.focus());
  const hint = form.querySelector<HTMLElement>("[data-hint]");
  if (hint) hint.hidden = false;
  return {
    text: () => view.state.doc.toString(),
    mark: (error) => view.dispatch(setDiagnostics(view.state, error ? [diagnostic(view, error)] : [])),
  };
}

function diagnostic(view: EditorView, error: QueryError) {
  const document = view.state.doc;
  const line = document.line(Math.min(Math.max(error.line, 1), document.lines));
  const [from, to] = underlined(line.text, error.column).map((at) => Math.min(line.from + at, document.length));
  return { from: from ?? 0, to: to ?? 0, severity: "error" as const, message: error.message };
}
