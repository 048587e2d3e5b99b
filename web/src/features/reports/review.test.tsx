import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { brief, house } from "@/features/reports/make";
import "@/features/reports/review";
import { words } from "@/features/reports/words";
import { openPage } from "@/test/page";
import { json, problem, serve } from "@/test/server";

const LIST = "GET /api/reports";
const page = (...items: ReturnType<typeof brief>[]) =>
  json({ items, next: null, counts: { review: items.length }, quiet_until: null });
const inMinutes = (amount: number) => new Date(Date.now() + amount * 60_000 + 20_000).toISOString();

test.each([
  ["", words.none.review, words.none.reviewAbout],
  ["?lista=a-caminho", words.none.way, words.none.wayAbout],
  ["?lista=enviados", words.none.sent, words.none.sentAbout],
  ["?lista=nao-enviados", words.none.unsent, words.none.unsentAbout],
])("a list that is empty says what it is for %s", async (search, title, about) => {
  serve({ ...house(), [LIST]: page() });
  openPage(`/relatorios/revisao${search}`);
  expect(await screen.findByText(title)).toBeVisible();
  expect(screen.getByText(about)).toBeVisible();
  expect(screen.queryByRole("list", { name: words.list })).toBeNull();
});

test("the one that is almost due stands out; one without a deadline waits however long", async () => {
  const rows = [
    brief({ id: "r1", person_name: "Quase Vencida", review_due_at: inMinutes(12) }),
    brief({ id: "r2", person_name: "Com Folga", review_due_at: inMinutes(90) }),
    brief({ id: "r3", person_name: "Sem Prazo", review_due_at: null }),
  ];
  serve({ ...house(), [LIST]: page(...rows) });
  openPage("/relatorios/revisao");
  const list = await screen.findByRole("list", { name: words.list });
  const badge = (name: string, said: RegExp | string) =>
    within(within(list).getByRole("link", { name: new RegExp(name) })).getByText(said);
  expect(badge("Quase Vencida", /^mensagem padrão em 1[23] min$/)).toHaveClass("text-urgent");
  expect(badge("Com Folga", /^mensagem padrão em 1 h 3[01]$/)).not.toHaveClass("text-urgent");
  expect(badge("Sem Prazo", words.noDeadline)).toHaveClass("text-urgent");
  expect(screen.getByRole("radio", { name: `${words.views.review} · 3` })).toBeChecked();
});

test("a list that could not be read says so", async () => {
  serve({ ...house(), [LIST]: problem(403, "forbidden") });
  openPage("/relatorios/revisao");
  expect(await screen.findByText(words.failed)).toBeVisible();
  expect(screen.queryByText(words.none.review)).toBeNull();
});
