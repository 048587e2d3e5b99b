import { expect, test, vi } from "vitest";
import { fetched } from "@/app/fetched";
import { connection } from "@/lib/connection";

const missing = new TypeError("Failed to fetch dynamically imported module: /assets/agenda.js");
const importer = async (): Promise<never> => {
  throw missing;
};

test("a part an answering server no longer has is left to the router, which loads the console again", async () => {
  vi.spyOn(connection, "ask").mockResolvedValue(true);
  await expect(fetched(importer)).rejects.toBe(missing);
});

test("while she does not answer nothing is loaded again, so nothing on the screen is lost", async () => {
  vi.spyOn(connection, "ask").mockResolvedValue(false);
  await expect(fetched(importer)).rejects.toThrow("this page's code could not be fetched");
});
