import { type Instant, nearDay, time } from "@/lib/formats";

type Words = Readonly<Record<string, string>>;

const TRY_AGAIN = "o WhatsApp não aceitou ainda; tentamos de novo sozinhos";
const OUT = "o WhatsApp da clínica está fora do ar; sai quando voltar";
const REPAIR = "a linha da clínica recusou; quem cuida do sistema precisa ver";

/** Why a message has not left. */
const waits: Words = {
  window: "fora da janela de 24 h; sai quando o paciente escrever",
  paced: "no ritmo que o WhatsApp aceita; sai em instantes",
  rate_limited: "no ritmo que o WhatsApp aceita; sai em instantes",
  moved: "vai sair por outra linha da clínica",
  account_resting: OUT,
  unreachable: OUT,
  unavailable: OUT,
  session_down: OUT,
  instance_missing: REPAIR,
  license_required: REPAIR,
  unauthorized: REPAIR,
  bad_channel: REPAIR,
  bad_url: REPAIR,
};

/** Why it will not arrive. */
const lost: Words = {
  window_closed: "fora da janela de 24 h",
  not_on_whatsapp: "este número não tem WhatsApp",
  "131026": "este número não recebe mensagens pelo WhatsApp",
  bad_address: "este número não existe",
  no_answer: "o WhatsApp não confirmou, nem depois de tentar de novo",
  account_resting: "o WhatsApp da clínica ficou fora do ar",
  unreachable: "o WhatsApp da clínica ficou fora do ar",
  session_down: "o WhatsApp da clínica ficou fora do ar",
  too_large: "o arquivo é grande demais",
  too_long: "o texto é longo demais",
};

const dropped: Words = {
  person_spoke: "uma pessoa respondeu antes",
  opted_out: "o paciente pediu para não receber",
  expired: "passou da hora de dizer",
  not_needed: "o paciente escreveu antes",
  window_closed: "o paciente não voltou a escrever",
};

const PERHAPS = "pode ter chegado; conferimos antes de enviar outra vez";

/** Why a message has not arrived, spelled beside its tick; null when there is nothing to say. */
export function whySaid(
  line: { status: string | null; why?: string | null; until?: string | null },
  now: Instant,
  zone: string,
): string | null {
  const { status, why, until } = line;
  if (status === "unknown") return PERHAPS;
  if (!why) return null;
  if (status === "failed") return lost[why] ?? "o WhatsApp não entregou";
  if (status === "cancelled") return dropped[why] ?? null;
  if (status !== "queued") return null;
  if (why === "quiet")
    return until ? `horário de silêncio; sai ${momentSaid(until, now, zone)}` : "horário de silêncio";
  return waits[why] ?? TRY_AGAIN;
}

function momentSaid(at: string, now: Instant, zone: string): string {
  const day = nearDay(at, now, zone);
  return day === "hoje" ? `às ${time(at, zone)}` : `${day}, às ${time(at, zone)}`;
}

const wires: Words = { cloud: "linha oficial da Meta", evolution: "linha do celular" };

/** "Saiu pela linha oficial da Meta: a desta conversa estava fora do ar." */
export function otherWireSaid(wire: string, sent: boolean): string {
  const by = wires[wire] ?? "outra linha da clínica";
  return `${sent ? "Saiu" : "Vai sair"} pela ${by}: a desta conversa estava fora do ar.`;
}
