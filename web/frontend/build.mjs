// Bundles the two pages' scripts and styles into web/static/build; `make setup` runs it.
import { build } from "esbuild";

await build({
  entryPoints: ["web/frontend/page.js", "web/frontend/viewer.js"],
  outdir: "web/static/build",
  bundle: true,
  minify: true,
  target: "es2020",
  legalComments: "linked",
  logLevel: "warning",
  // The diagram font's legacy formats are for browsers nobody here has.
  loader: { ".eot": "empty", ".svg": "empty", ".ttf": "empty", ".woff": "file", ".woff2": "file" },
});
