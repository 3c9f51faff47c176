// The query page: an editor in place of the field, and answers without leaving the page.

import { enhance } from "./answers/enhance.ts";
import { runInPlace } from "./answers/run.ts";
import { edit } from "./editor/editor.ts";
import { filterQuestions } from "./text/filter.ts";

const form = document.querySelector<HTMLFormElement>("#ask");
const result = document.getElementById("result");
filterQuestions(document);
if (form && result) {
  enhance(result);
  runInPlace(form, result, edit(form));
}
