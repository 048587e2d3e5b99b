import { defineConfig, devices } from "@playwright/test";

// The stack is started by tests/web, which says where it is; by hand, CAROL_URL names one that runs.
const baseURL = process.env.CAROL_URL;
if (!baseURL) throw new Error("CAROL_URL: where the console is served");

// Nothing but the page itself speaks. (Playwright leaves the sandbox out by itself, so root may run it too.)
const quiet = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--no-pings",
];

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    baseURL,
    locale: "pt-BR",
    // Not the clinic's: what depends on the browser's zone is wrong.
    timezoneId: "Asia/Tokyo",
    // A trace photographs every step: asked for by whoever looks for a cause.
    trace: process.env.CAROL_WALK_TRACE ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      args: quiet,
    },
  },
  projects: [
    // A walk that is another one on a phone says @phone and is walked twice, or @phone-only.
    { name: "desk", grepInvert: /@phone-only/, use: { viewport: { width: 1440, height: 900 } } },
    {
      name: "phone",
      grep: /@phone/,
      use: { ...devices["Pixel 7"], viewport: { width: 390, height: 844 }, defaultBrowserType: "chromium" },
    },
  ],
});
