// What every page does beyond HTML: the theme switch, the key for the search box, tables that
// sort, and buttons that copy. Pages work without any of it.

import { copyButtons } from "./site/copy.ts";
import { searchKey } from "./site/search.ts";
import { sortableTables } from "./site/tables.ts";
import { themeSwitch } from "./site/themes.ts";

themeSwitch();
searchKey();
sortableTables(document);
copyButtons(document);
