import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { ChatClaim, ChatFile, ChatLine, Side } from "@/components/chat/line";
import { Transcript } from "@/components/chat/transcript";

const ZONE = "America/Sao_Paulo";

function show(said: Partial<ChatLine>, side: Side = "clinic") {
  const line: ChatLine = {
    id: "a",
    author: "carol",
    by: null,
    kind: "text",
    text: "Olá!",
    at: "2026-11-24T15:00:00Z",
    status: "delivered",
    turn: null,
    media: null,
    receipts: [],
    red_flag: null,
    ...said,
  };
  return render(
    <Transcript
      label="Conversa"
      lines={[line]}
      side={side}
      zone={ZONE}
      now="2026-11-24T16:00:00Z"
      mediaUrl={(id) => `/m/${id}`}
      onReceipt={() => {}}
    />,
  );
}

const file = (over: Partial<ChatFile> = {}): ChatFile => ({
  id: "f",
  media_type: "application/pdf",
  name: "pedido.pdf",
  bytes: 240_000,
  kind: "document",
  status: "ready",
  ...over,
});

const came = (media: ChatFile, text = "") =>
  show({ author: "patient", kind: media.kind ?? "", status: null, text, media });

describe("a voice note", () => {
  const voice = (over: Partial<ChatFile> = {}) =>
    file({ kind: "audio", media_type: "audio/ogg", name: "", bytes: 9_000, ...over });

  it("is played, and says that the words under it were made by a machine", () => {
    came(voice({ transcript: "quero marcar amanhã" }), "quero marcar amanhã");
    expect(screen.getByRole("button", { name: "Ouvir: Áudio" })).toBeVisible();
    expect(document.querySelector("audio")).toHaveAttribute("src", "/m/f");
    expect(screen.getByText("Transcrição automática")).toBeVisible();
    expect(screen.getByText("quero marcar amanhã")).toBeVisible();
  });

  it("can be played while it is being heard, once it is here", () => {
    came(voice({ status: "waiting" }));
    expect(screen.getByText("A Carol está ouvindo o áudio…")).toBeVisible();
    expect(screen.getByRole("button", { name: "Ouvir: Áudio" })).toBeVisible();
    expect(screen.queryByText("Transcrição automática")).toBeNull();
  });

  it("that is still on its way has nothing to play", () => {
    came(voice({ status: "waiting", bytes: 0 }));
    expect(screen.getByText("a caminho")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Ouvir/ })).toBeNull();
  });

  it.each([
    ["too_long", "Não deu para ouvir: o áudio é longo demais."],
    ["no_ears", "Não deu para ouvir: a Carol está sem como ouvir áudios agora."],
    ["not_heard", "Não deu para ouvir: o som não pôde ser lido."],
    ["no_words", "Não deu para ouvir: nenhuma fala foi entendida."],
    ["of_tomorrow", "Não deu para ouvir: o som não pôde ser lido."],
  ])("that was not understood (%s) says why, and is still played", (problem, said) => {
    came(voice({ problem }));
    expect(screen.getByText(said)).toBeVisible();
    expect(screen.getByRole("button", { name: "Ouvir: Áudio" })).toBeVisible();
  });

  it("that is gone says so instead of a player that does nothing", () => {
    came(voice());
    const audio = document.querySelector("audio");
    if (audio) fireEvent.error(audio);
    expect(screen.getByText("apagado")).toBeVisible();
    expect(document.querySelector("audio")).toBeNull();
  });
});

describe("a file", () => {
  it("says its name, kind, size and state, and is downloaded", () => {
    came(file());
    for (const said of ["pedido.pdf", "PDF · 240 kB · guardado"])
      expect(screen.getByText(said)).toBeVisible();
    const link = screen.getByRole("link", { name: "Baixar: pedido.pdf" });
    expect(link).toHaveAttribute("href", "/m/f");
  });

  it("that was erased says so when it is asked for, and opens no error", async () => {
    vi.stubGlobal("fetch", async () => new Response(null, { status: 404 }));
    came(file());
    await userEvent.click(screen.getByRole("link", { name: "Baixar: pedido.pdf" }));
    expect(await screen.findByText("apagado")).toBeVisible();
    expect(screen.queryByRole("link")).toBeNull();
  });

  it.each([
    ["refused", "not_taken", "recusado: é de um tipo que a Carol não recebe"],
    ["refused", "too_large", "recusado: é maior do que a Carol recebe"],
    ["refused", "broken", "recusado: está danificado"],
    ["failed", "gone", "não chegou: o WhatsApp já não tem o arquivo"],
    ["failed", "unreachable", "não chegou: o WhatsApp não entregou o arquivo"],
    ["waiting", null, "a caminho"],
  ])("%s (%s) is told in words and offers nothing to open", (status, problem, said) => {
    came(file({ status, problem, bytes: 0 }));
    expect(screen.getByText(said)).toBeVisible();
    expect(screen.queryByRole("link")).toBeNull();
  });

  it("that is a picture is shown lazily with words for who does not see it, until it is gone", async () => {
    came(file({ kind: "image", media_type: "image/png", name: "raio-x.png" }));
    const picture = screen.getByRole("img", { name: "Imagem: raio-x.png" });
    expect(picture).toHaveAttribute("loading", "lazy");
    fireEvent.error(picture);
    await waitFor(() => expect(screen.getByText("apagado")).toBeVisible());
  });
});

describe("what a message says", () => {
  const claim = (id: string, over: Partial<ChatClaim> = {}): ChatClaim => ({
    id,
    kind: "price",
    said: "R$ 180,00",
    entity: "service",
    state: "stands",
    ...over,
  });

  it.each([
    [[claim("1")], "vale"],
    [[claim("1"), claim("2")], "2 valem"],
    [[claim("1", { state: "changed" })], "mudou depois"],
    [[claim("1", { state: "gone" })], "não vale mais"],
    [[claim("1", { state: "kept" })], "cumprido"],
    [[claim("1", { state: "late" })], "atrasado"],
    [[claim("1", { entity: null })], "sem registro"],
    [[claim("1"), claim("2", { state: "changed" }), claim("3")], "mudou depois2 valem"],
  ])("has what became of it beside it, the worst first (%#)", (commitments, said) => {
    show({ commitments });
    const mark = screen.getByRole("button", { name: /O que esta mensagem afirma/ });
    expect(mark).toHaveTextContent(`O que esta mensagem afirma:${said}`);
    expect(mark.querySelectorAll("svg").length).toBeGreaterThan(1);
  });

  it("is listed one by one when asked for", async () => {
    show({
      commitments: [claim("1"), claim("2", { kind: "visit", said: "ter, 24 nov, 15:00", state: "changed" })],
    });
    const mark = screen.getByRole("button", { name: /O que esta mensagem afirma/ });
    expect(mark).toHaveAttribute("aria-expanded", "false");
    await userEvent.click(mark);
    const said = within(screen.getByRole("list", { name: "O que esta mensagem afirma" })).getAllByRole(
      "listitem",
    );
    expect(said.map((one) => one.textContent)).toEqual([
      "preço: R$ 180,00vale",
      "visita: ter, 24 nov, 15:00mudou depois",
    ]);
  });
});

describe("a message that did not arrive", () => {
  it.each([
    ["queued", "window", null, "fora da janela de 24 h; sai quando o paciente escrever"],
    ["queued", "quiet", "2026-11-25T11:00:00Z", "horário de silêncio; sai amanhã, às 08:00"],
    ["queued", "quiet", "2026-11-24T23:00:00Z", "horário de silêncio; sai às 20:00"],
    ["queued", "paced", null, "no ritmo que o WhatsApp aceita; sai em instantes"],
    ["queued", "session_down", null, "o WhatsApp da clínica está fora do ar; sai quando voltar"],
    ["queued", "unauthorized", null, "a linha da clínica recusou; quem cuida do sistema precisa ver"],
    ["queued", "131000", null, "o WhatsApp não aceitou ainda; tentamos de novo sozinhos"],
    ["unknown", "no_answer", null, "pode ter chegado; conferimos antes de enviar outra vez"],
    ["failed", "not_on_whatsapp", null, "este número não tem WhatsApp"],
    ["failed", "131999", null, "o WhatsApp não entregou"],
    ["cancelled", "person_spoke", null, "uma pessoa respondeu antes"],
  ])("%s (%s) says why in words", (status, why, until, said) => {
    show({ status, why, until });
    expect(screen.getByText(said)).toBeVisible();
    const word = { queued: "guardado", unknown: "sem confirmação do WhatsApp" }[status];
    if (word) expect(screen.getByText(word)).not.toHaveClass("sr-only");
  });

  it("needs no reason while nothing is wrong", () => {
    show({ status: "queued" });
    expect(screen.getByText("guardado")).toHaveClass("sr-only");
  });

  it("that another wire said names it", () => {
    show({ wire: "cloud" });
    expect(
      screen.getByText("Saiu pela linha oficial da Meta: a desta conversa estava fora do ar."),
    ).toBeVisible();
  });
});

describe("what was offered", () => {
  const options = [
    { label: "ter, 24 nov, 15:00", description: "", chosen: false },
    { label: "qua, 25 nov, 9:30", description: "Dra. Helena", chosen: true },
  ];
  const listed = () =>
    within(screen.getByRole("list", { name: "Opções enviadas" }))
      .getAllByRole("listitem")
      .map((one) => one.textContent);

  it("is numbered where the phone shows numbers, with what was chosen", () => {
    show({ menu: { shown: "numbers", options } });
    expect(listed()).toEqual(["1. ter, 24 nov, 15:00", "2. qua, 25 nov, 9:30 – Dra. Helenaescolhida"]);
  });

  it("is drawn as buttons where it shows buttons", () => {
    show({ menu: { shown: "buttons", options } });
    expect(listed()).toEqual(["ter, 24 nov, 15:00", "qua, 25 nov, 9:30 – Dra. Helenaescolhida"]);
  });

  it("is not repeated where the text says it; what was chosen is told", () => {
    show({ menu: { shown: "text", options } });
    expect(screen.queryByRole("list", { name: "Opções enviadas" })).toBeNull();
    expect(screen.getByText("Escolhida: qua, 25 nov, 9:30")).toBeVisible();
  });

  it("is left to the quick replies on the phone of a rehearsal", () => {
    show({ menu: { shown: "buttons", options } }, "patient");
    expect(screen.queryByRole("list", { name: "Opções enviadas" })).toBeNull();
  });
});
