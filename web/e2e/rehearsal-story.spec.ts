import { expect, test } from "@playwright/test";
import type { components } from "@/client/schema";
import { words as chat } from "@/components/chat/words";
import { nodeWords } from "@/features/story/code-words";
import { did } from "@/features/story/tool-words";
import { detail, given, words } from "@/features/story/words";
import { number } from "@/lib/formats";
import { asked, rehearse } from "./stage";

type Turn = components["schemas"]["TurnOut"];

test("an answer from a document tells its source, the scores, the path and what the model was given", async ({
  page,
  request,
}) => {
  const question = "Esqueci meu guarda-chuva aí, por quanto tempo vocês guardam?";
  const room = await rehearse(page, request);
  await room.say(question);
  await expect(room.bubbles("carol").last()).toContainText("por noventa dias");

  const talk = await room.conversation(request);
  const told = await asked<Turn>(request, `/api/conversations/${talk.id}/turns/${talk.turns[0]?.id}`);
  const search = told.steps.find(({ tool }) => tool === "search_knowledge");
  const [best, ...others] = search?.passages ?? [];
  if (!best || !search?.threshold) throw new Error("nothing was searched");
  expect(best.source).toBe("achados-perdidos-e-convivencia.md");
  expect(best.score).toBeGreaterThanOrEqual(search.threshold);

  const searched = page.getByRole("button", { name: did.foundIn(`“${best.title}”`) });
  const line = room.story.getByRole("listitem").filter({ has: searched });
  await expect(line).toContainText(question);
  await searched.click();
  const found = line.getByRole("listitem").filter({ hasText: best.source }).first();
  await expect(found.getByText(detail.used, { exact: true })).toBeVisible();
  await expect(found.getByText(number(best.score, 2), { exact: true })).toBeVisible();
  await expect(found.getByText(detail.signals(best.dense, best.lexical))).toBeVisible();
  await expect(line.getByText(detail.threshold(search.threshold))).toBeVisible();
  const below = others.find(({ used }) => !used);
  if (below) {
    const passage = line.getByRole("listitem").filter({ hasText: below.heading });
    await expect(passage.getByText(detail.below).first()).toBeVisible();
  }

  const way = ["screen", "identify", "think", "act", "think", "check", "reply"];
  const path = words.graph.path(way.map((node) => nodeWords[node] ?? ""));
  await expect(room.story.getByText(path, { exact: true })).toBeVisible();
  await expect(room.story.getByRole("img", { name: path })).toBeVisible();
  await expect(room.story.getByRole("button", { name: words.grounded })).toBeVisible();

  await room.story.getByRole("button", { name: words.wrote }).click();
  await room.story.getByRole("button", { name: detail.given }).click();
  const sheet = page.getByRole("dialog", { name: given.title });
  await expect(sheet.getByText(question).first()).toBeVisible();
  await sheet.getByRole("searchbox", { name: given.search }).fill("noventa dias");
  await expect(sheet.getByText(/^\d+ ocorrências?$/)).toBeVisible();
  await expect(sheet.locator("mark").first()).toHaveText("noventa dias");
});

test("a sign of danger is answered with SAMU 192 and flagged, in the chat and in the story", async ({
  page,
  request,
}) => {
  const room = await rehearse(page, request);
  await room.say("Estou com dor no peito desde ontem");
  const said = room.bubbles("patient").last();
  await expect(said.getByText(`${chat.flag}: ${chat.flags.chest_pain}`)).toBeVisible();
  await expect(room.bubbles("automatic").first()).toContainText("Ligue agora para o SAMU: 192");
  await expect(room.bubbles("carol")).toHaveCount(0);

  const talk = await room.conversation(request);
  const opened = talk.cases[0];
  expect(opened).toMatchObject({ kind: "emergency", urgent: true });
  await expect(room.story.getByText(words.outcome.emergency, { exact: true })).toBeVisible();
  const line = room.story.getByRole("button", { name: words.flag("dor no peito") });
  await expect(line).toContainText(words.openedCase(opened?.case ?? 0));
  await expect(room.story.getByText(words.summary.noModel)).toBeVisible();
});
