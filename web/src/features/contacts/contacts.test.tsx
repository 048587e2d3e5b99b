import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { ContactCard } from "@/features/contacts/queries";
import { words } from "@/features/contacts/words";
import { bodies, brief, house, ID, path, whole } from "@/test/conversations";
import { openPage } from "@/test/page";
import { json, serve } from "@/test/server";

const card = (over: Partial<ContactCard> = {}): ContactCard => ({
  id: "p",
  name: "Mariana Costa",
  profile_name: "Mari",
  addresses: ["+5531990000001"],
  hidden_ids: 0,
  people: [{ id: "m", name: "Mariana Costa", relationship: "self", birth_date: "1990-03-04" }],
  conversations: [],
  created_at: "2026-11-01T12:00:00Z",
  last_seen_at: null,
  opted_out: false,
  human_only: false,
  doubted: false,
  visits: 1,
  merged: 0,
  ...over,
});

const other = card({
  id: "q",
  name: "",
  profile_name: null,
  addresses: ["+5531990000002"],
  people: [],
  visits: 0,
});

function begin(merge: () => Response) {
  const asked = serve({
    ...house([brief()]),
    [`GET ${path}`]: () => json(whole()),
    "GET /api/contacts": json({ items: [card(), other] }),
    "GET /api/contacts/p": json(card()),
    "POST /api/contacts/p/merge": merge,
  });
  openPage(`/conversas/${ID}`);
  return asked;
}

const SLOWLY = { timeout: 10_000 };

async function compare(): Promise<void> {
  await userEvent.click(await screen.findByRole("button", { name: words.more }, SLOWLY));
  await userEvent.click(await screen.findByRole("menuitem", { name: words.same }));
  // The dialog is a file of its own, read when it is first opened.
  await userEvent.click(await screen.findByRole("button", { name: /99000-0002/ }, SLOWLY));
  expect(await screen.findByRole("region", { name: words.here }, SLOWLY)).toHaveTextContent(
    "nasc. 04/03/1990",
  );
}

test("another contact is found, compared and made one, signed", async () => {
  localStorage.setItem("carol.signature", "Ana");
  const asked = begin(() =>
    json({ id: "x", by: "Ana", at: "2026-11-24T15:00:00Z", new: true, joined: 1, contact: card() }),
  );
  await compare();
  await userEvent.click(screen.getByRole("button", { name: words.confirm }));
  expect(await screen.findByText(words.done, {}, SLOWLY)).toBeVisible();
  expect(await bodies(asked, "/merge?clinic=jacaranda")).toEqual([{ other: "q", by: "Ana", confirm: false }]);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("two known people are made one only when it is said twice, and nobody signs for another", async () => {
  let refused = true;
  const asked = begin(() =>
    refused
      ? json({ code: "two_people", detail: "" }, 409)
      : json({ id: "x", by: "Rita", at: "2026-11-24T15:00:00Z", new: true, joined: 0, contact: card() }),
  );
  await compare();
  const confirm = screen.getByRole("button", { name: words.confirm });
  expect(confirm).toBeDisabled();
  await userEvent.type(screen.getByLabelText(words.signature), "Rita");
  await userEvent.click(confirm);
  expect(await screen.findByText(words.different)).toBeVisible();
  expect(confirm).toBeDisabled();
  refused = false;
  await userEvent.click(screen.getByRole("switch"));
  await userEvent.click(confirm);
  expect(await screen.findByText(words.done, {}, SLOWLY)).toBeVisible();
  const said = (await bodies(asked, "/merge?clinic=jacaranda")) as { confirm: boolean; by: string }[];
  expect(said.map((one) => [one.by, one.confirm])).toEqual([
    ["Rita", false],
    ["Rita", true],
  ]);
});

test("the link of a conversation that became part of another opens that one", async () => {
  const left = "01a1fe5b-0000-7000-8000-000000000002";
  serve({
    ...house([brief({ id: left })]),
    [`GET ${path}`]: () => json(whole({ id: left })),
    [`GET /api/conversations/${left}`]: () => json(whole({ id: left })),
  });
  const { where } = openPage(`/conversas/${ID}`);
  expect(await screen.findByRole("heading", { name: "Mariana Costa" })).toBeVisible();
  await waitFor(() => expect(where()).toContain(left));
});
