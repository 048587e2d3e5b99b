import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { words } from "@/features/conversations/words";
import { bodies, brief, house, ID, path, whole } from "@/test/conversations";
import { FakeEventSource } from "@/test/event-source";
import { openPage } from "@/test/page";
import { json, serve } from "@/test/server";

test("giving back asks about the open case; another tab's change is heard", async () => {
  localStorage.setItem("carol.signature", "Ana");
  const due_at = new Date(Date.now() + 3_600_000).toISOString();
  const cases = [
    { id: "k1", status: "open" as const, owner_name: null, case: 1, kind: "medical", urgent: false, due_at },
  ];
  let shown = whole({ owner: "person", owner_name: "Ana", cases });
  const asked = serve({
    ...house([brief()]),
    [`GET ${path}`]: () => json(shown),
    [`POST ${path}/give-back`]: () => json(brief()),
  });
  openPage(`/conversas/${ID}`);
  expect(await screen.findByText(words.mine)).toBeVisible();
  shown = whole({ owner: "person", owner_name: "Rui", cases });
  FakeEventSource.last.say("changed", { what: "owner", conversation: ID, turn: null });
  expect(await screen.findByText("Rui está respondendo. A Carol está em silêncio.")).toBeVisible();
  const [button] = screen.getAllByRole("button", { name: words.giveBack });
  await userEvent.click(button as HTMLElement);
  await userEvent.type(await screen.findByLabelText(words.give.brief), " Vem com a mãe. ");
  await userEvent.click(screen.getByRole("switch"));
  await userEvent.click(screen.getByRole("button", { name: words.give.confirm }));
  await waitFor(async () =>
    expect(await bodies(asked, "/give-back")).toEqual([
      { by: "Ana", brief: "Vem com a mãe.", resolve: false },
    ]),
  );
});

test("what Carol gave up is given to her again, once", async () => {
  localStorage.setItem("carol.signature", "Ana");
  const letter = (over: object) => ({
    id: "d1",
    conversation: ID,
    turn: "t1",
    error: "model_down",
    attempts: 5,
    died_at: "2026-11-24T15:00:00Z",
    replayed_at: null,
    replayed_by: null,
    waiting: 1,
    ...over,
  });
  const letters = [letter({ id: "d0", conversation: "other" }), letter({ id: "d9", waiting: 0 }), letter({})];
  const asked = serve({
    ...house([brief()]),
    [`GET ${path}`]: () => json(whole({ stuck: true })),
    "GET /api/dead-letters": json(letters),
    "POST /api/dead-letters/d1/replay": json({ messages: 1 }),
  });
  openPage(`/conversas/${ID}`);
  await userEvent.click(await screen.findByRole("button", { name: words.tryAgain }));
  expect(await screen.findByText(words.triesAgain)).toBeVisible();
  expect(await bodies(asked, "/replay?clinic=jacaranda")).toEqual([{ by: "Ana" }]);
});
