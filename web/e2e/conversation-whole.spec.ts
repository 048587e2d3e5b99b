import { expect, test } from "@playwright/test";
import { words as frame } from "@/app/words";
import { claimWords } from "@/components/chat/claim-words";
import { menuWords } from "@/components/chat/menu-words";
import { words as chat } from "@/components/chat/words";
import { words } from "@/features/conversations/words";
import { isAccessible } from "./axe";
import { PICTURE, pdf, VOICE } from "./files";
import { Phone } from "./phone";
import { asked, conversationOf } from "./stage";

// She waits some seconds for more before each answer, on a machine that may do much else.
test.setTimeout(300_000);
const patient = { timeout: 60_000 };

test("a conversation over WhatsApp is seen whole: what was chosen, what came with it, what stands, and a line that falls", async ({
  page,
  context,
  request,
}) => {
  const phone = new Phone(request, `Tereza ${Date.now().toString(36)}`);
  await phone.begin();
  await context.addInitScript(() => localStorage.setItem("carol.signature", "Bia"));
  await page.goto("/conversas");

  await phone.say("Oi! Queria uma limpeza dental na terça à tarde");
  await page.getByRole("list", { name: words.list }).getByRole("link", { name: phone.name }).click(patient);
  const log = page.getByRole("log", { name: words.transcript(phone.name) });
  const carol = log.locator("[data-author=carol]");
  const theirs = log.locator("[data-author=patient]");

  // What was offered, as the phone shows it, and what was chosen of it.
  await expect(carol.filter({ hasText: /15:30|15h30/ }).last()).toBeVisible(patient);
  await phone.say("2");
  const chosen = log.getByText(menuWords.chosen, { exact: true }).or(log.getByText(/^Escolhida: /));
  await expect(chosen.first()).toBeVisible(patient);

  // What she says has what became of it beside it.
  const mark = carol.getByRole("button", { name: new RegExp(claimWords.label) }).first();
  await expect(mark).toBeVisible(patient);
  await mark.click();
  await expect(log.getByRole("list", { name: claimWords.list }).first()).toBeVisible();

  // What comes with a message: kept, shown, or refused and why.
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await asked(request, `/api/conversations/${id}/take`, { by: "Bia" });
  await phone.send("document", { name: "pedido.pdf", mimeType: "application/pdf", buffer: pdf(["Pedido"]) });
  await expect(theirs.getByRole("link", { name: `${chat.media.download}: pedido.pdf` })).toBeVisible(patient);
  await expect(theirs.getByText(/^PDF · .* · guardado$/)).toBeVisible();
  await phone.send("image", PICTURE);
  const picture = theirs.getByRole("img", { name: `${chat.media.image}: ${PICTURE.name}` });
  await picture.scrollIntoViewIfNeeded(patient);
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth), patient).toBe(1);
  await phone.send("document", {
    name: "programa.pdf",
    mimeType: "application/pdf",
    buffer: Buffer.from("MZ\x90\x00\x03\x00\x00\x00 não é um PDF"),
  });
  await expect(theirs.getByText(/^recusado: /)).toBeVisible(patient);
  await phone.send("audio", VOICE);
  await expect(theirs.getByRole("button", { name: `${chat.media.play}: ${chat.media.audio}` })).toBeVisible(
    patient,
  );
  await expect(theirs.getByText(/^Não deu para ouvir: /)).toBeVisible(patient);
  await isAccessible(page);

  // How far an answer got, told by nobody but WhatsApp.
  const box = page.getByRole("textbox", { name: words.placeholder });
  const answer = (text: string) => log.locator("[data-author=person]").filter({ hasText: text });
  await box.fill("Recebi o pedido, Tereza!");
  await box.press("Enter");
  await expect(answer("Recebi o pedido").getByTitle(chat.status.sent ?? "")).toBeVisible(patient);
  await phone.told("Recebi o pedido", "DELIVERY_ACK");
  await expect(answer("Recebi o pedido").getByTitle(chat.status.delivered ?? "")).toBeVisible(patient);
  await phone.told("Recebi o pedido", "READ");
  await expect(answer("Recebi o pedido").getByTitle(chat.status.read ?? "")).toBeVisible(patient);

  // The line falls: it is said on the page, what is written waits and says why, and leaves when the line is back.
  await phone.line(false);
  await expect(
    page.getByText(/^O WhatsApp da clínica \(linha do celular savassi\) está desconectado desde /),
  ).toBeVisible(patient);
  await expect(page.getByText(frame.wire.kept, { exact: false })).toBeVisible();
  await box.fill("Confirmo o horário amanhã cedo.");
  await box.press("Enter");
  await expect(answer("amanhã cedo").getByText(/fora do ar/)).toBeVisible(patient);
  await expect(answer("amanhã cedo").getByText(chat.status.queued ?? "")).toBeVisible();
  await isAccessible(page);
  await phone.line(true);
  await expect(page.getByText(/linha do celular savassi/)).toHaveCount(0, patient);
  await expect(answer("amanhã cedo").getByTitle(chat.status.sent ?? "")).toBeVisible(patient);
  await expect(answer("amanhã cedo").getByText(/fora do ar/)).toHaveCount(0);
  expect(
    (await conversationOf(request, id)).messages.filter(({ text }) => /amanhã cedo/.test(text)),
  ).toHaveLength(1);
  await phone.end();
});
