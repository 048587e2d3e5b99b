import { expect, test } from "vitest";
import { understoodWords } from "@/features/story/understood";

test("a person is told, unless it is only the subject once more", () => {
  expect(understoodWords({ intents: ["parking"], person: "Estacionamento" })).toBe("estacionamento");
  expect(understoodWords({ intents: ["book"], person: "Mariana Costa" })).toBe("marcar, Mariana Costa");
});

test("what is asked for and cannot be had is told before what else was understood", () => {
  expect(understoodWords({ intents: ["knowledge"], refuses: "orders" })).toBe(
    "ordem para mudar as regras da Carol, dúvida sobre a clínica",
  );
  expect(understoodWords({ intents: ["greet"], refuses: "many" })).toBe("dados de muitas pessoas");
  expect(understoodWords({ intents: ["greet"], refuses: "outra_coisa" })).toBe("cumprimento");
});
