// The script of a document's page: popovers at annotated words, the marked range of the
// address, and the filter by kind of fact.

import { filterKinds } from "./document/kinds.ts";
import { disclosureButtons, stickyPassages } from "./document/disclosure.ts";
import { popovers } from "./document/popover.ts";
import { ranges } from "./document/range.ts";

const edition = document.querySelector<HTMLElement>("[data-edition]");
const popover = document.querySelector<HTMLElement>("[data-popover]");
if (edition && popover) {
  popovers(edition, popover);
  ranges(edition);
  filterKinds(edition);
  disclosureButtons(edition);
  stickyPassages(edition);
}
