import { expect, type Page, test } from "@playwright/test";
import { words as chat, counterWords, pastedTooMuch, wrongType } from "@/components/chat/words";
import type { Play } from "@/features/playground/outcomes";
import { burstWords, duplicateWords, failingWords, words } from "@/features/playground/words";
import { NO_PICTURE, PICTURE, SHEET, VOICE } from "./files";
import { rehearse } from "./stage";

async function play(page: Page, which: Play): Promise<void> {
  await page.getByRole("button", { name: words.situations.button }).click();
  await page
    .getByRole("region", { name: words.situations[which].name })
    .getByRole("button", { name: words.situations.play })
    .click();
}

test("a burst is answered once, a second delivery changes nothing, a model that fails leaves nobody alone", async ({
  page,
  request,
}) => {
  const room = await rehearse(page, request);

  await play(page, "burst");
  await expect(page.getByText(burstWords(1, 3))).toBeVisible({ timeout: 20_000 });
  for (const text of words.situations.burst.texts)
    await expect(room.bubbles("patient").getByText(text, { exact: true })).toBeVisible();
  await expect(room.bubbles("carol").filter({ hasText: "às 13h" })).toHaveCount(1);
  const burst = await room.conversation(request);
  expect(
    new Set(burst.messages.filter(({ author }) => author === "patient").map(({ turn }) => turn)).size,
  ).toBe(1);

  await play(page, "duplicate");
  await expect(page.getByText(duplicateWords(true))).toBeVisible();
  const [twice] = words.situations.duplicate.texts;
  await expect(room.bubbles("patient").filter({ hasText: twice })).toHaveCount(1);
  const duplicate = await room.conversation(request);
  expect(duplicate.turns.length).toBe(burst.turns.length + 1);

  await play(page, "failing_model");
  await expect(room.bubbles("automatic").last()).toContainText("Já passei para a equipe");
  const failing = await room.conversation(request);
  expect(failing.cases).toMatchObject([{ kind: "failure" }]);
  await expect(page.getByText(failingWords(failing.cases[0]?.case ?? null))).toBeVisible();
});

test("pictures and voice are shown and answered; what is neither is refused in words", async ({
  page,
  request,
}) => {
  const room = await rehearse(page, request);
  const picker = page.getByTestId("attach");

  await picker.setInputFiles(PICTURE);
  const picture = room.log.getByRole("img", { name: `${chat.media.image}: ${PICTURE.name}` });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
  await expect(room.bubbles("automatic").filter({ hasText: "Recebi seu arquivo" })).toBeVisible();
  await picker.setInputFiles(VOICE);
  const voice = room.bubbles("patient").filter({
    has: page.getByRole("button", { name: `${chat.media.play}: ${VOICE.name}` }),
  });
  await expect(voice.getByText("0:02")).toBeVisible();
  await expect(room.bubbles("automatic").last()).toContainText("não consigo ouvir áudio agora");
  const before = await room.conversation(request);
  expect(before.messages.flatMap(({ media }) => media?.media_type ?? [])).toEqual(["image/png", "audio/wav"]);

  await room.box.fill("continua aqui");
  await picker.setInputFiles(SHEET);
  await expect(page.getByText(wrongType(SHEET.name))).toBeVisible();
  await picker.setInputFiles(NO_PICTURE);
  const refused = room.log.getByRole("alert");
  await expect(refused.getByRole("paragraph")).not.toBeEmpty();
  await expect(room.log.getByText(NO_PICTURE.name)).toBeVisible();
  await refused.getByRole("button", { name: chat.discard }).click();
  await expect(room.log.getByText(NO_PICTURE.name)).toBeHidden();
  await expect(room.box).toHaveValue("continua aqui");
  expect((await room.conversation(request)).messages).toHaveLength(before.messages.length);
});

test("a text that is too long stays in the box and is told; ten million characters do not hang the page", async ({
  page,
  request,
}) => {
  const room = await rehearse(page, request, { at: null });
  const send = page.getByRole("button", { name: words.chat.send });

  await room.box.fill("a".repeat(5_000));
  await expect(page.getByText(chat.composer.tooLong)).toBeVisible();
  await expect(page.getByText(counterWords(5_000, 4_096))).toBeVisible();
  await expect(send).toBeDisabled();
  await room.box.press("Enter");
  await expect(room.box).toHaveValue("a".repeat(5_000));

  await room.box.fill("Começo. ");
  const took = await room.box.evaluate((box) => {
    const data = new DataTransfer();
    data.setData("text/plain", "Oi, tudo bem? ".repeat(715_000));
    const began = performance.now();
    box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    return performance.now() - began;
  });
  expect(took).toBeLessThan(1_000);
  await expect(page.getByText(pastedTooMuch(14 * 715_000, 20_000 - "Começo. ".length))).toBeVisible();
  await expect(room.box).toHaveValue(/^Começo\. Oi, tudo bem\?/);
  await page.reload();
  await expect(room.box).toHaveValue(/^Começo\. Oi, tudo bem\?/);
  await expect(send).toBeDisabled();

  await room.say("Oi!");
  const { messages } = await room.conversation(request);
  expect(messages.filter(({ author }) => author === "patient").map(({ text }) => text)).toEqual(["Oi!"]);
});
