// Bundles each page's scripts and styles into web/static/build; `make setup` runs it.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";

// The content policy allows no style attribute. Two libraries write some into their markup: icons get the same as
// plain attributes, and the simulation makes its elements by our min-dom.js, which sets styles afterwards.
const withoutStyleAttributes = {
  name: "without style attributes",
  setup(building) {
    building.onLoad({ filter: /AlignElementsIcons\.js$/ }, async ({ path }) => {
      const asAttributes = (_, style) =>
        style.replace(/\s*([\w-]+)\s*:\s*([^;]+);?/g, (__, name, value) => ` ${name}="${value.trim()}"`);
      return { contents: (await readFile(path, "utf8")).replace(/\sstyle="([^"]*)"/g, asAttributes) };
    });
    building.onResolve({ filter: /^min-dom$/ }, ({ importer }) =>
      importer.includes("bpmn-js-token-simulation") ? { path: resolve("web/frontend/editor/min-dom.js") } : undefined,
    );
  },
};

await build({
  entryPoints: ["page", "viewer", "marked", "editor"].map((name) => `web/frontend/${name}.js`),
  outdir: "web/static/build",
  bundle: true,
  minify: true,
  target: "es2020",
  legalComments: "linked",
  logLevel: "warning",
  plugins: [withoutStyleAttributes],
  // The diagram font's legacy formats are for browsers nobody here has.
  loader: { ".eot": "empty", ".svg": "empty", ".ttf": "empty", ".woff": "file", ".woff2": "file" },
});
