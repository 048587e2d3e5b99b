import { expect, test } from "@playwright/test";
import { words as chat } from "@/components/chat/words";
import { actWords, words as agenda, proof } from "@/features/agenda/words";
import { agendaOf, CLINIC, rehearse, THURSDAY, TUESDAY } from "./stage";

test("a visit is booked, moved and cancelled by chat, and the agenda beside it follows", async ({
  page,
  request,
}) => {
  const real = () => Promise.all([TUESDAY, THURSDAY].map((day) => agendaOf(request, CLINIC, day)));
  const before = await real();
  const room = await rehearse(page, request);
  const sandbox = room.rehearsal.slug;
  const dialog = page.getByRole("dialog");

  await room.say("Oi! Quero marcar uma limpeza dental na terça à tarde");
  await expect(room.agenda.getByRole("heading", { name: "ter, 9 mar" })).toBeVisible();
  await expect(room.agenda.getByText(agenda.nothing)).toBeVisible();
  await room.choose("ter, 9 mar, 13:00");
  await expect(room.bubbles("carol").last()).toContainText("às 13h, com a Dra. Camila Duarte");
  await room.say("Mariana Costa");

  const held = room.card(
    /^13:00 às 13:45, Mariana Costa, Limpeza dental .*, guardado, com Dra. Camila Duarte$/,
  );
  await expect(held).toBeInViewport();
  await expect(held).toHaveCSS("border-top-style", "dashed");
  await expect(held).toHaveText(/guardado por mais 1[45]:\d\d/);
  expect((await agendaOf(request, sandbox, TUESDAY)).map(({ kind }) => kind)).toEqual(["hold"]);

  await room
    .bubbles("carol")
    .filter({ hasText: "Confere pra mim" })
    .getByRole("button", { name: chat.receipt })
    .last()
    .click();
  await expect(dialog.getByText(actWords.propose_visit ?? "")).toBeVisible();
  await expect(dialog.getByText(proof.until)).toBeVisible();
  await page.keyboard.press("Escape");

  await room.choose("Sim");
  const booked = room.card(/^13:00 às 13:45, Mariana Costa, .*, marcada, com Dra. Camila Duarte$/);
  await expect(booked).toBeVisible();
  await expect(held).toHaveCount(0);
  await expect(booked).not.toHaveCSS("border-top-style", "dashed");
  const [visit, ...others] = await agendaOf(request, sandbox, TUESDAY);
  expect(others).toEqual([]);
  expect(visit).toMatchObject({
    kind: "visit",
    status: "booked",
    person: "Mariana Costa",
    booked_by: "carol",
  });

  const receipt = (await room.conversation(request)).receipts.find(({ tool }) => tool === "book_visit");
  expect(receipt?.entity_id).toBe(visit?.id);
  const promise = room.bubbles("carol").filter({ hasText: "Prontinho, Mariana!" });
  for (const opener of [promise.getByRole("button", { name: chat.receipt }), booked]) {
    await opener.click();
    await expect(dialog.getByRole("heading", { name: "Mariana Costa" })).toBeVisible();
    await expect(dialog.getByTitle(receipt?.id ?? "")).toBeVisible();
    await expect(dialog.getByRole("blockquote").filter({ hasText: "Prontinho, Mariana!" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(opener).toBeFocused();
  }

  await room.say("quero mudar minha consulta para quinta de manhã");
  await room.choose("qui, 11 mar, 08:00");
  const moving = room.card(/^08:00 às 08:45, Mariana Costa, .*, guardado, com Dra. Camila Duarte$/);
  await expect(moving).toBeInViewport();
  await expect(moving).toHaveCSS("border-top-style", "dashed");
  await room.choose("Sim");
  const moved = room.card(/^08:00 às 08:45, Mariana Costa, .*, marcada, com Dra. Camila Duarte$/);
  await expect(moved).toBeVisible();
  await expect(moving).toHaveCount(0);
  await moved.click();
  await expect(dialog.getByText(actWords.move_visit ?? "")).toBeVisible();
  await page.keyboard.press("Escape");
  expect(await agendaOf(request, sandbox, TUESDAY)).toEqual([]);
  expect((await agendaOf(request, sandbox, THURSDAY)).map(({ id }) => id)).toEqual([visit?.id]);

  await room.say("quero cancelar minha consulta");
  await room.choose("Sim");
  await expect(
    room.card(/^08:00 às 08:45, Mariana Costa, .*, cancelada, com Dra. Camila Duarte$/),
  ).toBeVisible();
  await expect(room.agenda.getByText(agenda.nothing)).toBeVisible();
  expect(await agendaOf(request, sandbox, THURSDAY)).toMatchObject([{ id: visit?.id, status: "cancelled" }]);

  expect(await real()).toEqual(before);
});
