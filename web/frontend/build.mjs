// Bundles each page's scripts and styles into web/static/build; `make setup` runs it.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";

// The content policy allows no style attribute. Some libraries write them into their markup: icons get the same as
// plain attributes, the others make their elements by our min-dom.js, which sets styles afterwards.
const withoutStyleAttributes = {
  name: "without style attributes",
  setup(building) {
    building.onLoad({ filter: /AlignElementsIcons\.js$/ }, async ({ path }) => {
      const asAttributes = (_, style) =>
        style.replace(/\s*([\w-]+)\s*:\s*([^;]+);?/g, (__, name, value) => ` ${name}="${value.trim()}"`);
      return { contents: (await readFile(path, "utf8")).replace(/\sstyle="([^"]*)"/g, asAttributes) };
    });
    building.onResolve({ filter: /^min-dom$/ }, ({ importer }) =>
      /bpmn-js-token-simulation|dmn-js|table-js/.test(importer) ? { path: resolve("web/frontend/editor/min-dom.js") } : undefined,
    );
  },
};

// A table may take only the hit policies that are computed as defined; another one is shown when a file has it.
const tableWithinProfile = {
  name: "table within the profile",
  setup(building) {
    building.onResolve({ filter: /\/HitPolicies$/ }, () => ({ path: resolve("web/frontend/editor/hit-policies.js") }));
  },
};

await build({
  entryPoints: ["page", "viewer", "marked", "editor", "table"].map((name) => `web/frontend/${name}.js`),
  outdir: "web/static/build",
  bundle: true,
  minify: true,
  target: "es2020",
  legalComments: "linked",
  logLevel: "warning",
  plugins: [withoutStyleAttributes, tableWithinProfile],
  // The diagram font's legacy formats are for browsers nobody here has.
  loader: { ".eot": "empty", ".svg": "empty", ".ttf": "empty", ".woff": "file", ".woff2": "file" },
});
