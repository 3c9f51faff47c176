// The page of a document beyond HTML: what words state is shown where they stand, a range in
// the address is marked, and one kind of fact can be looked at alone.

import { filterKinds } from "./document/kinds.ts";
import { keepInView, shelfButtons } from "./document/shelves.ts";
import { popovers } from "./document/popover.ts";
import { ranges } from "./document/range.ts";

const edition = document.querySelector<HTMLElement>("[data-edition]");
const popover = document.querySelector<HTMLElement>("[data-popover]");
if (edition && popover) {
  popovers(edition, popover);
  ranges(edition);
  filterKinds(edition);
  shelfButtons(edition);
  keepInView(edition);
}
