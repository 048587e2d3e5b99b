// Names in package-lock.json the binaries of other platforms, which npm leaves out when the registry at hand does not carry
// them: without them `npm ci` refuses the lock, and another machine would miss its own. Run after `npm install`.
import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(FILE, "utf8"));
const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];

/** What a binary's name says it runs on; null when it says nothing, for a package that is optional for other reasons. */
function platform(name) {
  const parts = name.split("/").pop().split("-");
  const wasm = parts.includes("wasm32");
  const system = parts.find((part) => SYSTEMS.includes(part));
  if (!wasm && !system) return null;
  const cpu = wasm ? "wasm32" : parts[parts.indexOf(system) + 1];
  return { cpu: [cpu], ...(system ? { os: [system] } : {}) };
}

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
    const runs = platform(name);
    if (known || !runs) continue;
    lock.packages[`node_modules/${name}`] = { version, ...runs, dev: true, optional: true };
    added += 1;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} added`);
