// What every page does beyond HTML: the theme switch, the search box with its key, tables that
// sort, and buttons that copy. Pages work without any of it.

import { copyButtons } from "./site/copy.ts";
import { suggestions } from "./search/suggest.ts";
import { searchKey } from "./site/search.ts";
import { sortableTables } from "./site/tables.ts";
import { themeSwitch } from "./site/themes.ts";

themeSwitch();
suggestions();
searchKey();
sortableTables(document);
copyButtons(document);
