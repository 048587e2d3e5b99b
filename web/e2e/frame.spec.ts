import { expect, type Page, test } from "@playwright/test";
import { words } from "../src/app/words";
import { fits, isAccessible } from "./axe";

const PAGES = [
  ["/ensaio", words.pages.rehearsal],
  ["/fila", words.pages.queue],
  ["/conversas", words.pages.conversations],
  ["/agenda", words.pages.agenda],
  ["/conhecimento", words.pages.knowledge],
  ["/provas", words.pages.evals],
  ["/relatorios", words.pages.reports],
] as const;

/** Errors of the page itself: what a policy of the server's or a broken script writes there. */
function complaints(page: Page): string[] {
  const told: string[] = [];
  page.on("pageerror", (error) => told.push(error.message));
  page.on("console", (said) => {
    if (said.type() === "error") told.push(said.text());
  });
  return told;
}

test("every page opens, fits, and is accessible in the light and in the dark @phone", async ({ page }) => {
  const told = complaints(page);
  await page.goto("/");
  await expect(page).toHaveURL(/\/ensaio$/);
  for (const [path, name] of PAGES) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    await fits(page);
    await isAccessible(page);
  }
  expect(told).toEqual([]);
});

test("the keyboard goes everywhere", async ({ page }) => {
  await page.goto("/ensaio");
  await expect(page.getByRole("heading", { level: 1, name: words.pages.rehearsal })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: words.skip })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();

  await page.goto("/ensaio");
  const rail = page.getByRole("navigation", { name: words.mainNavigation });
  await expect(rail.getByRole("link")).toHaveCount(PAGES.length);
  for (const [path, name] of PAGES) {
    const link = rail.getByRole("link", { name });
    await link.focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`${path}([?/]|$)`));
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    await expect(link).toHaveAttribute("aria-current", "page");
  }

  await page.keyboard.press("ControlOrMeta+k");
  const palette = page.getByRole("combobox", { name: words.palette.label });
  await expect(palette).toBeFocused();
  await isAccessible(page);
  await palette.fill("agen");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: words.pages.agenda })).toBeVisible();
});

test("the theme chosen stands before the first paint of the next visit", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/ensaio");
  await page.getByRole("button", { name: words.appearance }).click();
  await page.getByRole("menuitemradio", { name: words.theme.dark }).click();
  const ground = () =>
    page.evaluate(() => (document.body ? getComputedStyle(document.body).backgroundColor : ""));
  await expect.poll(ground).toBe("rgb(23, 22, 20)");
  await page.route("**/assets/index-*.js", (route) => route.abort());
  await page.goto("/ensaio", { waitUntil: "commit" });
  await expect.poll(ground).toBe("rgb(23, 22, 20)");
});

test("what one touches on a phone is 44 px high @phone-only", async ({ page }) => {
  await page.goto("/ensaio");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  for (const thing of await page
    .locator("a:not([href^='#']):visible, button:visible, input:visible, [role=combobox]:visible")
    .all()) {
    // A small mark may reach further than it looks.
    const height = await thing.evaluate((node) =>
      Math.max(
        node.getBoundingClientRect().height,
        Number.parseFloat(getComputedStyle(node, "::after").height) || 0,
      ),
    );
    expect.soft(height, await thing.evaluate((node) => node.outerHTML)).toBeGreaterThanOrEqual(44);
  }
});

test("an address that does not exist says so @phone", async ({ page }) => {
  await page.goto("/nada");
  await expect(page.getByRole("heading", { level: 1, name: words.notFound.title })).toBeVisible();
  await isAccessible(page);
});

test("a page that loses the server says so, and recovers without a reload @phone", async ({
  page,
  context,
}) => {
  await page.goto("/ensaio");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const fetched = () =>
    page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => name)
        .join(),
    );
  await expect.poll(fetched, "the other pages' code comes by itself").toContain("/assets/knowledge-");
  await page.evaluate(() => Object.assign(window, { same: true }));

  await context.setOffline(true);
  await expect(page.getByText(words.lost.says)).toBeVisible();
  await page.getByRole("link", { name: words.pages.knowledge }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: words.pages.knowledge })).toBeVisible();
  await expect(page.getByText(words.lost.says)).toBeVisible();
  await isAccessible(page);

  await context.setOffline(false);
  await expect(page.getByText(words.lost.says)).toBeHidden();
  await expect(page.getByText(words.lost.found, { exact: true })).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect(await page.evaluate(() => "same" in window)).toBe(true);
});
