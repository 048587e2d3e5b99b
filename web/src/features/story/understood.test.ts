import { expect, test } from "vitest";
import { understoodWords } from "@/features/story/understood";

test("a person is told, unless it is only the subject once more", () => {
  expect(understoodWords({ intents: ["parking"], person: "Estacionamento" })).toBe("estacionamento");
  expect(understoodWords({ intents: ["book"], person: "Mariana Costa" })).toBe("marcar, Mariana Costa");
});
