import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

type Found = Awaited<ReturnType<AxeBuilder["analyze"]>>["violations"];
type Asked = { include: string; runOnly: string[] | { type: "rule"; values: string[] } };

// The engine that the builder brings. The builder itself reads it into the page anew for each question and gathers all that
// passed too, which takes half as long again as the question.
const builder = createRequire(import.meta.url).resolve("@axe-core/playwright");
const engine = createRequire(builder).resolve("axe-core/axe.min.js");
const source = readFileSync(engine, "utf8");

async function violations(page: Page, asked: Asked): Promise<Found> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  return page.evaluate(async ({ include, runOnly }) => {
    const { axe } = window as unknown as {
      axe: { run: (where: unknown, how: unknown) => Promise<{ violations: Found }> };
    };
    // What fades in or changes its colour has arrived.
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    const how = { runOnly, resultTypes: ["violations"] };
    return (await axe.run({ include: [[include]] }, how)).violations;
  }, asked);
}

/** Nothing on the page, or in that part of it, is against WCAG 2.2 AA, in the light or in the dark, which differ in colours only. */
export async function isAccessible(page: Page, part = "body"): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const found = await violations(page, {
      include: part,
      runOnly: colorScheme === "light" ? RULES : { type: "rule", values: ["color-contrast"] },
    });
    const told = found.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html}\n${node.failureSummary}`),
    );
    expect(told, `${colorScheme} ${page.url()}`).toEqual([]);
  }
}

/** Nothing is wider than the screen. */
export async function fits(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over).toBeLessThanOrEqual(0);
}
