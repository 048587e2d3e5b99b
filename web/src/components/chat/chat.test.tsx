import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { fileProblem } from "@/components/chat/attachments";
import { Composer, type ComposerProps } from "@/components/chat/composer";
import type { ChatLine } from "@/components/chat/line";
import { Transcript } from "@/components/chat/transcript";

const ZONE = "America/Sao_Paulo";

function line(id: string, said: Partial<ChatLine> = {}): ChatLine {
  return {
    id,
    author: "carol",
    by: null,
    kind: "text",
    text: id,
    at: "2026-11-21T15:00:00Z",
    status: "delivered",
    turn: null,
    media: null,
    receipts: [],
    red_flag: null,
    ...said,
  };
}

function show(lines: ChatLine[], more: Partial<Parameters<typeof Transcript>[0]> = {}) {
  return render(
    <Transcript
      label="Conversa"
      lines={lines}
      side="patient"
      zone={ZONE}
      now="2026-11-21T16:00:00Z"
      mediaUrl={(id) => `/m/${id}`}
      {...more}
    />,
  );
}

describe("transcript", () => {
  it("parts days by the clinic's clock, not the browser's", () => {
    show([
      line("a", { at: "2026-11-21T02:59:00Z" }),
      line("b", { at: "2026-11-21T03:01:00Z" }),
      line("c", { at: "2026-11-20T12:00:00Z" }),
    ]);
    expect(screen.getAllByText(/^(ontem|hoje)$/).map((day) => day.textContent)).toEqual([
      "ontem",
      "hoje",
      "ontem",
    ]);
  });

  it("shows markup as text, bold as bold, and links only to the web", () => {
    show([
      line("a", {
        text: "*Ana* <img src=x onerror=alert(1)> javascript:alert(1) https://carol.example/x. 2*3*4",
      }),
    ]);
    expect(screen.getByText("Ana").tagName).toBe("STRONG");
    expect(screen.queryByRole("img")).toBeNull();
    expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual([
      "https://carol.example/x",
    ]);
    expect(document.querySelectorAll("strong")).toHaveLength(1);
  });

  it("leaves a reader where they scrolled to, until they say something themselves", () => {
    const sizes = { scrollHeight: 900, clientHeight: 300 };
    for (const [name, size] of Object.entries(sizes))
      vi.spyOn(HTMLElement.prototype, name as "scrollHeight", "get").mockReturnValue(size);
    const lines = [line("a"), line("b")];
    const { rerender } = show(lines);
    const log = screen.getByRole("log");
    fireEvent.scroll(log);
    log.scrollTop = 0;
    fireEvent.scroll(log);
    const props = { label: "Conversa", side: "patient", zone: ZONE, now: "2026-11-21T16:00:00Z" } as const;
    const whole = [...lines, line("c")];
    rerender(<Transcript {...props} lines={whole} mediaUrl={String} />);
    expect(log.scrollTop).toBe(0);
    expect(screen.getByRole("button", { name: "Novas mensagens" })).toBeVisible();
    const mine = { id: "m", text: "oi", at: "2026-11-21T16:00:00Z", state: "waiting" } as const;
    rerender(<Transcript {...props} lines={whole} unsent={[mine]} mediaUrl={String} />);
    expect(log.scrollTop).toBe(900);
    expect(screen.queryByRole("button", { name: "Novas mensagens" })).toBeNull();
  });

  it("says the true status, who wrote, and the danger, in words", () => {
    show([
      line("a", { status: "unknown" }),
      line("b", { author: "person", by: "Bia" }),
      line("c", { author: "patient", status: null, turn: "t1", red_flag: "emergency:chest_pain" }),
    ]);
    expect(screen.getByText("sem confirmação do WhatsApp")).toBeVisible();
    expect(screen.getByText("Bia")).toBeInTheDocument();
    expect(screen.getByText("Sinal de urgência: dor no peito")).toBeVisible();
    expect(screen.getByText("respondida")).toBeInTheDocument();
  });

  it("chooses a turn by keyboard and opens the receipt behind a promise", async () => {
    const onSelectTurn = vi.fn();
    const onReceipt = vi.fn();
    show([line("a", { turn: "t1", receipts: ["r1"] })], { onSelectTurn, onReceipt, selectedTurn: "t1" });
    const story = screen.getByRole("button", { name: /Ver o que a Carol fez/ });
    expect(story).toHaveAttribute("aria-pressed", "true");
    story.focus();
    await userEvent.keyboard("{Enter}");
    expect(onSelectTurn).toHaveBeenCalledWith("t1");
    onSelectTurn.mockClear();
    await userEvent.click(screen.getByRole("button", { name: "Ver o registro" }));
    expect(onReceipt).toHaveBeenCalledWith("r1");
    expect(onSelectTurn).not.toHaveBeenCalled();
  });

  it("keeps what was not sent in sight, with a way to try again", async () => {
    const onRetry = vi.fn();
    show([], {
      unsent: [
        { id: "u1", text: "oi", at: "2026-11-21T15:00:00Z", state: "failed", why: "Sem conexão." },
        { id: "u2", text: "", file: "x.ogg", at: "2026-11-21T15:00:00Z", state: "failed", again: false },
      ],
      onRetry,
    });
    expect(screen.getAllByText("Não enviada")).toHaveLength(2);
    await userEvent.click(screen.getByRole("button", { name: "Tentar de novo" }));
    expect(onRetry).toHaveBeenCalledWith("u1");
  });
});

function Held(props: Partial<ComposerProps> & { first?: string }) {
  const [text, setText] = useState(props.first ?? "");
  return <Composer text={text} onText={setText} onSend={() => {}} {...props} />;
}

function file(name: string, type: string, size = 3): File {
  const made = new File(["abc"], name, { type });
  Object.defineProperty(made, "size", { value: size });
  return made;
}

describe("composer", () => {
  it("sends on Enter, breaks the line on Shift+Enter, and never sends nothing", async () => {
    const onSend = vi.fn();
    render(<Held onSend={onSend} />);
    const box = screen.getByRole("textbox", { name: "Mensagem" });
    await userEvent.type(box, "{Enter}   {Enter}");
    expect(onSend).not.toHaveBeenCalled();
    await userEvent.clear(box);
    await userEvent.type(box, "oi{Shift>}{Enter}{/Shift}tudo bem?{Enter}");
    expect(onSend).toHaveBeenCalledExactlyOnceWith("oi\ntudo bem?");
  });

  it("refuses 4,097 characters without losing one, counting as the server does", () => {
    const onSend = vi.fn();
    render(<Held onSend={onSend} first={"😀".repeat(4096)} />);
    const box = screen.getByRole("textbox");
    fireEvent.keyDown(box, { key: "Enter" });
    expect(onSend).toHaveBeenCalledTimes(1);
    fireEvent.change(box, { target: { value: "😀".repeat(4097) } });
    fireEvent.keyDown(box, { key: "Enter" });
    expect(onSend).toHaveBeenCalledTimes(1);
    expect(screen.getByText(/passa de 4.096/)).toBeVisible();
    expect(box).toHaveValue("😀".repeat(4097));
  });

  it("keeps the beginning of a 10 MB paste and says so", () => {
    render(<Held first="antes " />);
    const box = screen.getByRole<HTMLTextAreaElement>("textbox");
    box.setSelectionRange(6, 6);
    const huge = "a".repeat(10_000_000);
    fireEvent.paste(box, { clipboardData: { files: [], getData: () => huge } });
    expect(box.value).toHaveLength(20_000);
    expect(box.value.startsWith("antes aaa")).toBe(true);
    fireEvent.paste(box, { clipboardData: { files: [], getData: () => "b" } });
    expect(screen.getByRole("status")).toHaveTextContent(/20\.000/);
  });

  it("takes dropped files that fit and names the one that does not", () => {
    const onFiles = vi.fn();
    const { container } = render(<Held onFiles={onFiles} />);
    const form = container.querySelector("form");
    if (!form) throw new Error("no form");
    const voice = file("voz.ogg", "audio/ogg");
    fireEvent.drop(form, { dataTransfer: { files: [voice, file("laudo.pdf", "application/pdf")] } });
    expect(onFiles).toHaveBeenCalledExactlyOnceWith([voice]);
    expect(screen.getByText(/“laudo.pdf” não é áudio nem imagem/)).toBeVisible();
  });

  it("knows a file that cannot be sent", () => {
    expect(fileProblem(file("a.jpg", "image/jpeg"))).toBeNull();
    expect(fileProblem(file("a.opus", ""))).toBeNull();
    expect(fileProblem(file("a.svg", "image/svg+xml"))).toMatch(/não é/);
    expect(fileProblem(file("a.jpg", "image/jpeg", 16_000_001))).toMatch(/16 MB/);
    expect(fileProblem(file("a.jpg", "image/jpeg", 0))).toMatch(/vazio/);
  });

  it("says why nothing can be written, and offers quick answers otherwise", async () => {
    const onSend = vi.fn();
    const { rerender } = render(
      <Held onSend={onSend} quickReplies={[{ label: "Sim", text: "sim, pode marcar" }]} />,
    );
    await userEvent.click(within(screen.getByRole("list")).getByRole("button", { name: "Sim" }));
    expect(onSend).toHaveBeenCalledWith("sim, pode marcar");
    rerender(<Held disabled="Este ensaio terminou." quickReplies={[{ label: "Sim", text: "s" }]} />);
    expect(screen.getByRole("textbox")).toBeDisabled();
    expect(screen.getByRole("textbox")).toHaveAccessibleDescription("Este ensaio terminou.");
    expect(screen.queryByRole("list")).toBeNull();
  });
});
