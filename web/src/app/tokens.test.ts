import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync("src/app/style.css", "utf8");

function hexes(token: string): [string, string] {
  const found = new RegExp(`--${token}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css);
  if (!found?.[1] || !found[2]) throw new Error(`no pair for --${token}`);
  return [found[1], found[2]];
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ["ground", "surface", "sunken", "hover"];
const meanings = ["waiting", "good", "attention", "urgent"];
const text = [
  ...grounds.flatMap((ground) =>
    ["ink", "ink-soft", "ink-faint", "accent", ...meanings].map((ink) => [ink, ground]),
  ),
  ...meanings.map((meaning) => [meaning, `${meaning}-soft`]),
  ...meanings.map((meaning) => ["ink", `${meaning}-soft`]),
  ["ink-soft", "accent-soft"],
  ["accent-strong", "accent-soft"],
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
] as [string, string][];

test.each(text)("%s can be read on %s in both themes", (ink, ground) => {
  for (const theme of [0, 1] as const) {
    expect(contrast(hexes(ink)[theme], hexes(ground)[theme])).toBeGreaterThanOrEqual(4.5);
  }
});

test.each(["ground", "surface", "sunken"])("the edge of what one types in is seen on %s", (ground) => {
  for (const theme of [0, 1] as const) {
    expect(contrast(hexes("line-strong")[theme], hexes(ground)[theme])).toBeGreaterThanOrEqual(3);
  }
});
