const MARKS = /[\p{M}ـ]/gu;
const ALEFS = /[أإآٱ]/g;

/** Text as people search for it: no marks, one alef, one ya, one ta, no capitals. */
export function fold(text: string): string {
  return text
    .normalize("NFC")
    .replace(ALEFS, "ا")
    .replace(/ى/g, "ي")
    .replace(/ة/g, "ه")
    .replace(/ؤ/g, "و")
    .replace(/ئ/g, "ي")
    .normalize("NFKD")
    .replace(MARKS, "")
    .toLowerCase();
}
