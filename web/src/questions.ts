// The library of questions: filtering the list, and other views of an answer.

import { enhance } from "./answers/enhance.ts";
import { filterQuestions } from "./text/filter.ts";

filterQuestions(document);
const result = document.getElementById("result");
if (result) enhance(result);
