// The query page: an editor in place of the field, and answers without leaving the page.

import { enhance } from "./answers/enhance.ts";
import { asking } from "./answers/asking.ts";
import { edit } from "./editor/editor.ts";
import { filterQuestions } from "./text/filter.ts";

const form = document.querySelector<HTMLFormElement>("#ask");
const result = document.getElementById("result");
filterQuestions(document);
if (form && result) {
  enhance(result);
  const editor = edit(form);
  asking(form, result, editor);
}
