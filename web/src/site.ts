// The script of every page: theme switch, search box and its key, sortable tables, copy
// buttons. Pages work without it.

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
