// What a browser must fetch of JavaScript before the console's first page works, compressed: under 300 kB, or it fails.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MOST = 300_000;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const FIRST_PAGES = ["index.html", "src/app/pages/rehearsal.tsx"];

const files = new Set(["theme.js"]);
function take(name) {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`${name} is not in the manifest`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const other of chunk.imports ?? []) take(other);
}
for (const page of FIRST_PAGES) take(page);

const size = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist))).length, 0);
console.log(`First load: ${Math.round(size / 1000)} kB of JavaScript, gzipped (at most ${MOST / 1000}).`);
if (size > MOST) process.exit(1);
