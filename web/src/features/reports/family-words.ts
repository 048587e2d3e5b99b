import { whySaid } from "@/components/chat/send-words";
import type { Sent } from "@/features/reports/queries";
import { type Instant, nearDay, time } from "@/lib/formats";

type Words = Readonly<Record<string, string>>;

/** Who of a family receives, and what became of what went to them. */
export const family = {
  nobody: "Ninguém da família pode receber agora. Assim, nada sai.",
  nobodyListed: "Ninguém da família está na lista de quem recebe. Assim, nada sai.",
  ends: (digits: string): string => `WhatsApp final ${digits}`,
  later: "recebe os próximos",
  window: "espera a família escrever; o WhatsApp só deixa enviar depois disso",
  barred: {
    not_asked: "ainda não autorizou receber",
    revoked: "deixou de autorizar",
    opted_out: "pediu para não receber mensagens automáticas",
    doubted: "não se sabe se o número ainda é desta pessoa",
    no_phone: "sem telefone no cadastro",
  } as Words,
  barredNow: "não pode receber agora",
  unsent: {
    no_recipient: "Ninguém da família podia receber.",
    consent_revoked: "A pessoa deixou de autorizar.",
    opted_out: "A pessoa pediu para não receber mensagens automáticas.",
    moved_away: "O número passou a ser de outra pessoa.",
    recipients_changed: "Quem recebe mudou depois da aprovação.",
    edited: "O texto foi mudado antes de sair.",
    not_on_whatsapp: "Este número não tem WhatsApp.",
    erased: "Os dados foram apagados.",
    expired: "Passou de dois dias sem poder sair.",
    window_closed: "A família não escreveu a tempo de a mensagem sair.",
  } as Words,
  unsentElse: "O WhatsApp não entregou.",
  quiet: (at: string): string => `Horário de silêncio: o que foi aprovado sai ${at}.`,
} as const;

/** Why a report did not reach its family. */
export function unsentSaid(code: string | null): string {
  return family.unsent[code ?? ""] ?? family.unsentElse;
}

/** Why a message is not with the family yet, or will not be: "horário de silêncio; sai às 08:00" */
export function waitSaid(send: Sent, now: Instant, zone: string): string {
  if (send.status === "queued" && send.why === "window") return family.window;
  const over = send.status === "failed" || send.status === "cancelled";
  return (over && family.unsent[send.why ?? ""]) || (whySaid(send, now, zone) ?? "");
}

/** As an hour is said in a sentence: "às 08:00", "amanhã, às 08:00" */
export function hourSaid(at: Instant, now: Instant, zone: string): string {
  const when = nearDay(at, now, zone);
  return when === "hoje" ? `às ${time(at, zone)}` : `${when}, às ${time(at, zone)}`;
}
