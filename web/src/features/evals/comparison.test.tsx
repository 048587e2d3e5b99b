import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { gainSaid, words } from "@/features/evals/compare-words";
import "@/features/evals/comparison";
import { OTHER, RUN, run } from "@/features/evals/make";
import type { Comparison } from "@/features/evals/queries";
import { openPage } from "@/test/page";
import { clinics, json, serve } from "@/test/server";

const found: Comparison = {
  before: run(),
  after: run({ id: OTHER }),
  common: 12,
  gain: { share: -0.04, low: -0.09, high: 0.01 },
  better: [],
  worse: [
    {
      scenario: "um",
      title: "Marca e confirma",
      suite: "emergency",
      before_passed: 4,
      before_of: 4,
      after_passed: 1,
      after_of: 4,
    },
  ],
  violations: ["dois"],
  unseen: ["quatro"],
  changed: ["tres"],
  only_before: [],
  only_after: [],
  regressed: true,
  named: { dois: { title: "Conta de outro", suite: "emergency" } },
};

const house = (answer: Comparison) => ({
  "GET /api/clinics": json(clinics),
  "GET /api/session": json({ locked: false, signed_in: true }),
  "GET /api/evals/suites": json([]),
  "GET /api/evals/compare": json(answer),
});

test("what got worse is said first, by name, with the way to it", async () => {
  serve(house(found));
  openPage(`/provas/comparar?antes=${RUN}&depois=${OTHER}`);
  expect(await screen.findByText(words.regressed)).toBeVisible();
  const heads = screen.getAllByRole("heading", { level: 2 }).map((one) => one.textContent);
  expect(heads).toEqual([
    `${words.violations} (1)`,
    `${words.unseen} (1)`,
    `${words.worse} (1)`,
    `${words.changed} (1)`,
  ]);
  expect(screen.getByRole("link", { name: "Conta de outro" })).toHaveAttribute(
    "href",
    `/provas/${OTHER}?mostrar=tudo&grupo=emergency`,
  );
  expect(screen.getByText("passou 4 de 4 antes, 1 de 4 depois")).toBeVisible();
  expect(screen.getByText("tres")).toBeVisible();
  expect(within(screen.getByRole("region", { name: words.after })).getByRole("link")).toHaveAttribute(
    "href",
    `/provas/${OTHER}`,
  );
});

test("two runs alike say that nothing changed", async () => {
  serve(
    house({ ...found, worse: [], violations: [], unseen: [], changed: [], regressed: false, gain: null }),
  );
  openPage(`/provas/comparar?antes=${RUN}&depois=${OTHER}`);
  expect(await screen.findByText(words.same)).toBeVisible();
  expect(screen.getByText(words.fine)).toBeVisible();
});

test("an address without two runs says what to do", async () => {
  serve(house(found));
  openPage("/provas/comparar?antes=x");
  expect(await screen.findByText(words.failedAbout)).toBeVisible();
});

test("a gain is said in words, and as chance where it may be one", () => {
  expect(gainSaid({ share: 0.04, low: 0.01, high: 0.07 })).toBe(
    "Em cada 100, 4 a mais passaram (entre 1 a mais e 7 a mais, com 95% de certeza).",
  );
  expect(gainSaid({ share: -0.04, low: -0.09, high: 0.01 })).toBe(
    "Em cada 100, 4 a menos passaram (entre 9 a menos e 1 a mais, com 95% de certeza): pode ser acaso.",
  );
  expect(gainSaid({ share: 0, low: 0, high: 0 })).toBe("As duas passaram o mesmo tanto.");
});
