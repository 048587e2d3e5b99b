import config from "./playwright.config";

/** The pictures of the documentation: the same browser, another script. */
export default {
  ...config,
  testDir: "scripts",
  testMatch: "screenshots.ts",
  projects: [{ name: "pictures", use: { viewport: { width: 1440, height: 900 } } }],
};
