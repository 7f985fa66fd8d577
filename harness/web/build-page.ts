/** Builds the template of a page: one HTML file, with its script and its style inside. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InlineConfig, Rolldown } from "vite";
import { placeholder } from "../report/html.ts";

/** What each page is called before its script runs. */
const titles = {
  report: "forwardlab report",
  playground: "forwardlab playground",
  learn: "forwardlab learn",
  lesson: "forwardlab lesson",
};

export type PageName = keyof typeof titles;

/** @throws where vite is not installed, or the page does not compile */
export async function buildPage(name: PageName): Promise<string> {
  const { build } = await import("vite");
  const built = (await build(configurationOf(join(import.meta.dirname, name)))) as Rolldown.RolldownOutput[] | Rolldown.RolldownOutput;
  const files = [built].flat().flatMap(({ output }) => output);
  const script = files.find((file) => file.type === "chunk")?.code;
  const style = files.find((file) => file.type === "asset" && file.fileName.endsWith(".css"));
  if (script === undefined || style?.type !== "asset") throw new Error("the build of the page gave no script or no style");
  return assembled(name, inert(script.trim()), String(style.source).trim());
}

const configurationOf = (folder: string): InlineConfig => ({
  configFile: false,
  envDir: false,
  root: folder,
  logLevel: "silent",
  publicDir: false,
  // Whatever the environment says: what is made for development names the machine's folders.
  mode: "production",
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  build: {
    write: false,
    target: "es2024",
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    lib: { entry: join(folder, "main.tsx"), formats: ["iife"], name: "forwardlab", cssFileName: "style", fileName: "page" },
    rolldownOptions: { output: { minify: true } },
  },
});

/** A script in a page ends at `</script`, also inside of a string. */
function inert(script: string): string {
  return script.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}

/**
 * The policy names what stands in the page, and lets it load nothing. The page of `learn` also talks to the server that it came from, and its
 * terminals write style sheets of their own.
 */
function assembled(name: PageName, script: string, style: string): string {
  const live = name === "learn";
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    live ? "style-src 'unsafe-inline'" : `style-src '${hashOf(style)}'`,
    "img-src data:",
    ...(live ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${titles[name]}</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This page needs JavaScript. It loads nothing from anywhere.</noscript></div>
<script type="application/json" id="document">${placeholder}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

// `node harness/web/build-page.ts FOLDER`: for the package.
if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error("usage: build-page.ts FOLDER");
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(titles) as PageName[]) writeFileSync(join(folder, `${name}.html`), await buildPage(name));
}
