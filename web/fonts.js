// Cuts the fonts down to the letters that pages use. A subset is a modified version, which
// may not bear a name that its makers reserve (OFL 1.1 §3), so it gets one of ours.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { convert } from "fontverter";
import subset from "subset-font";

const HERE = import.meta.dirname;
const span = (first, last) =>
  String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, i) => first + i));

// Modern Arabic with its marks and digits, and the letters that names from around add.
const ARABIC = `،؛؟${span(0x621, 0x63a)}${span(0x640, 0x655)}${span(0x660, 0x66d)}ٰٱپچژکگڤی«»\u200c\u200d .,:;!()[]–-/`;
const LATIN = `${span(0x20, 0x7e)}${span(0xa0, 0xff)}–—‘’‚“”„†•…‹›⁄←↑→↓↗−×≈≤≥€™`;

// Arabic text holds these too; in its own font they fit, and no Latin one need be loaded.
const BETWEEN = ` !"%'()*+,-./0123456789:;=?[]«»–—…`;

const SANS = "ibm-plex-sans-arabic";
const SERIF = "ibm-plex-serif";
const NASKH = "noto-naskh-arabic";
export const FAMILIES = [SANS, SERIF, NASKH];

const CUTS = [
  [SANS, "arabic", 400, ARABIC],
  [SANS, "arabic", 600, ARABIC],
  [SANS, "latin", 400, LATIN],
  [SANS, "latin", 600, LATIN],
  [NASKH, "arabic", 400, ARABIC],
  [NASKH, "arabic", 700, ARABIC],
  [NASKH, "latin", 400, BETWEEN],
  [NASKH, "latin", 700, BETWEEN],
  [SERIF, "latin", 400, LATIN],
  [SERIF, "latin", 600, LATIN],
];

/** Write every cut into fonts/, where the style sheet finds it. */
export async function writeFonts() {
  mkdirSync(resolve(HERE, "fonts"), { recursive: true });
  for (const [family, script, weight, letters] of CUTS) {
    const name = `${family}-${script}-${weight}`;
    const source = `node_modules/@fontsource/${family}/files/${name}-normal.woff2`;
    const options = { targetFormat: "truetype", noHinting: true };
    const font = await subset(readFileSync(resolve(HERE, source)), letters, options);
    const cut = await convert(renamed(Buffer.from(font)), "woff2");
    writeFileSync(resolve(HERE, `fonts/${name}.woff2`), cut);
  }
}

/** A font whose names, the copyright apart, no longer hold the reserved word. */
function renamed(font) {
  const tables = Array.from({ length: font.readUInt16BE(4) }, (_, i) => 12 + 16 * i);
  const entry = tables.find((at) => font.toString("latin1", at, at + 4) === "name");
  const table = font.readUInt32BE(entry + 8);
  const strings = table + font.readUInt16BE(table + 4);
  for (let i = 0; i < font.readUInt16BE(table + 2); i++) {
    const record = table + 6 + 12 * i;
    if (font.readUInt16BE(record + 6) === 0) continue;
    const start = strings + font.readUInt16BE(record + 10);
    const text = font.subarray(start, start + font.readUInt16BE(record + 8));
    for (const encoding of ["utf16le", "latin1"]) {
      const swap = encoding === "utf16le" ? (bytes) => bytes.swap16() : (bytes) => bytes;
      const reserved = swap(Buffer.from("Plex", encoding));
      for (let at = text.indexOf(reserved); at >= 0; at = text.indexOf(reserved)) {
        swap(Buffer.from("Rasm", encoding)).copy(text, at);
      }
    }
  }
  return font;
}
