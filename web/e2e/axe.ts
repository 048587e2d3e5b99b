import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Nothing on the page, or in that part of it, is against WCAG 2.2 AA, in the light or in the dark, which differ in colours only. */
export async function isAccessible(page: Page, part = "body"): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // One page without frames needs no second one to gather what was found.
    const axe = new AxeBuilder({ page }).setLegacyMode().include(part);
    const found = await (colorScheme === "light"
      ? axe.withTags(RULES)
      : axe.withRules(["color-contrast"])
    ).analyze();
    const told = found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n")}`,
    );
    expect(told, `${colorScheme} ${page.url()}`).toEqual([]);
  }
}

/** Nothing is wider than the screen. */
export async function fits(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over).toBeLessThanOrEqual(0);
}
