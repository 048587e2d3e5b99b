import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && name !== "client/schema.d.ts")
  .map((name) => ({ name, source: readFileSync(`src/${name}`, "utf8") }));

/** What each file of `src/` may import of ours, by the beginning of the path. */
function mayImport(name: string): RegExp {
  const feature = /^features\/([^/]+)\//.exec(name)?.[1];
  if (feature) return new RegExp(`^(features/${feature}|components|lib|client|test)/`);
  if (name.startsWith("components/")) return /^(components|lib|test)\//;
  if (name.startsWith("lib/")) return /^(lib|client|test)\//;
  if (name.startsWith("client/")) return /^lib\//;
  return /./;
}

function imports(source: string): string[] {
  return [...source.matchAll(/(?:from|import\(?)\s*"@\/([^"]+)"/g)].map((found) => found[1] ?? "");
}

test("features do not know one another; what is shared knows no feature", () => {
  const wrong = files.flatMap(({ name, source }) =>
    imports(source)
      .filter((path) => !mayImport(name).test(path))
      .map((path) => `${name} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

test("only neighbours are imported by a relative path", () => {
  expect(files.filter(({ source }) => /from "\.\.?\/.*\//.test(source)).map(({ name }) => name)).toEqual([]);
});

test("a file holds at most 250 lines", () => {
  const long = files.filter(({ source }) => source.split("\n").length > 251);
  expect(long.map(({ name }) => name)).toEqual([]);
});

test("words that people read or hear are in words files", () => {
  const read =
    /\b(aria-label|aria-description|title|alt|placeholder|label|about|says|hint|altText)="[^"]*\p{L}/u;
  const spoken = /["'`>][^"'`<>{}\n]*[ãõçáéíóúâêôà][^"'`<>{}\n]*["'`<]/i;
  const inline = files.filter(
    ({ name, source }) =>
      name.endsWith(".tsx") &&
      !name.includes(".test.") &&
      source
        .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
        .split("\n")
        .some((line) => read.test(line) || spoken.test(line)),
  );
  expect(inline.map(({ name }) => name)).toEqual([]);
});
