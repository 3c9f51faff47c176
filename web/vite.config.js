// Builds what pages load into the package, where the server finds it by its manifest.

import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vite";
import { FAMILIES, writeFonts } from "./fonts.js";

// Each script of an area is loaded by itself; so is the one style sheet.
const ENTRIES = [
  ...globSync("src/*.ts", { cwd: import.meta.dirname }),
  "styles/site.css",
].filter((name) => !name.endsWith(".test.ts"));

/** The subset fonts, their licences, and the one script that runs before anything shows. */
const beside = {
  name: "alaqat-beside",
  buildStart: writeFonts,
  generateBundle() {
    const read = (name) => readFileSync(resolve(import.meta.dirname, name), "utf8");
    this.emitFile({
      type: "asset",
      name: "theme.js",
      originalFileName: "src/theme.js",
      source: read("src/theme.js"),
    });
    for (const family of FAMILIES) {
      this.emitFile({
        type: "asset",
        fileName: `licences/${family}.txt`,
        source: read(`node_modules/@fontsource/${family}/LICENSE`),
      });
    }
  },
};

export default defineConfig({
  base: "./", // so that the site may stand below any path
  plugins: [beside],
  build: {
    outDir: resolve(import.meta.dirname, "../src/alaqat/web/static"),
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0, // the content policy allows no data: address
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: ENTRIES.map((name) => resolve(import.meta.dirname, name)) },
  },
});
