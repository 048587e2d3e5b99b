import { unsentSaid } from "@/features/reports/family-words";
import type { Brief, Draft, State, Whole } from "@/features/reports/queries";
import { count, day, type Instant, minutes } from "@/lib/formats";

type Words = Readonly<Record<string, string>>;

/** What drafts are signed with where no model writes. */
const OFFLINE = "modelo-fixo";

export const words = {
  title: "Revisão de relatórios",
  back: "Central de relatórios",
  toQueue: "Voltar para a revisão",
  view: "Mostrar",
  views: { review: "Em revisão", way: "A caminho", sent: "Enviados", unsent: "Não enviados" },
  list: "Relatórios",
  more: "Mostrar mais",
  failed: "Não deu para abrir os relatórios",
  oneFailed: "Não deu para abrir o relatório",
  gone: "Este relatório não existe nesta clínica.",
  none: {
    review: "Nada para revisar",
    reviewAbout:
      "Quando um texto não passa na conferência, ou traz algo urgente, ele espera aqui por uma pessoa.",
    way: "Nada a caminho",
    wayAbout: "Aqui ficam os relatórios que esperam a vez de ser escritos ou de sair.",
    sent: "Nada enviado ainda",
    sentAbout: "O que as famílias receberam fica aqui, com o relatório de onde veio.",
    unsent: "Tudo o que saiu chegou",
    unsentAbout: "Se um envio falhar, ou se ninguém da família autorizar receber, o relatório aparece aqui.",
  },
  shifts: { morning: "Plantão da manhã", afternoon: "Plantão da tarde", night: "Plantão da noite" },
  corrected: "corrigido",
  noDeadline: "espera uma decisão, sem prazo",
  states: {
    pending: "Esperando a vez",
    processing: "Sendo escrito",
    approved: "Aprovado, por sair",
    failed: "Não passou na conferência",
    review: "Em revisão",
    fallback: "Mensagem padrão, por sair",
    sent: "Enviado",
    send_failed: "Não enviado",
  } satisfies Record<State, string>,
  severity: { info: "para saber", attention: "ponto de atenção", urgent: "urgente" },

  reasons: {
    report_refused: "O texto não passou na conferência.",
    report_empty: "O relatório do plantão não conta nada que dê para escrever.",
    report_order: "O relatório traz uma ordem escrita no meio do texto.",
    report_person: "É um assunto que só uma pessoa deve contar à família.",
    report_unreadable: "O modelo não escreveu um texto que se possa ler.",
    report_budget: "Escrever passou do custo permitido.",
    report_time: "Escrever passou do tempo permitido.",
    writer_broke: "O programa falhou ao escrever.",
    worker_died: "O programa caiu várias vezes ao escrever.",
    urgent: "Algo urgente neste relatório: leia antes da família.",
    corrected: "O plantão foi corrigido na origem depois que a família já tinha recebido.",
    recipients_changed: "Quem recebe mudou depois da aprovação.",
    edited: "Alguém da equipe mudou o texto.",
    other_name: "Este relatório pode ser de outra pessoa: o nome na origem mudou.",
  } as Words,
  reason: "O texto não pôde sair sozinho.",

  source: "Relatório do plantão",
  draft: "Mensagem para a família",
  show: "Ver",
  noDraft: "Nenhum texto foi escrito.",
  notYet: {
    pending: "A Carol ainda não escreveu: este relatório espera a vez.",
    processing: "A Carol está escrevendo. O texto aparece aqui.",
  } as Words,
  authors: {
    writer: "Escrito pela Carol",
    person: "Escrito pela equipe",
    fallback: "Mensagem padrão",
  } as Words,
  template: "pelo modelo de demonstração",
  rests: "Passe pelas frases marcadas para ver de onde veio cada uma.",
  touch: "Toque numa frase marcada para ver de onde veio.",
  from: "No relatório",
  problems: "O que a conferência apontou",
  clean: "A conferência não apontou nada neste texto.",
  doubt: "dúvida",
  ofSource: "no relatório",
  versions: "Versões anteriores",

  edit: "Editar",
  editLabel: "Mensagem para a família",
  editHint: "Ao salvar, o texto é conferido de novo com o relatório.",
  save: "Salvar e conferir",
  cancel: "Cancelar",
  approve: "Aprovar e enviar",
  approveAnyway: "Aprovar mesmo assim",
  reject: "Rejeitar",
  regenerate: "Escrever de novo",
  noUse: {
    report_empty: "Escrever de novo não ajuda: o relatório continua sem nada que dê para contar.",
    report_order: "Escrever de novo não ajuda: o relatório continua com a ordem escrita nele.",
    report_person: "Escrever de novo não ajuda: é um assunto que só uma pessoa deve contar à família.",
    same_words: "Escrever de novo não ajuda: o modelo de demonstração repete as mesmas palavras.",
  } as Words,
  overtaken: "Outra pessoa mudou este texto enquanto você escrevia.",
  decided:
    "Este relatório já foi decidido enquanto você escrevia. O que está escrito aqui não vai mais para a família.",
  theirs: "Ver o texto de agora",
  keepMine: "Ficar com o meu",
  dropMine: "Descartar o meu",
  retry: "Tentar enviar de novo",
  done: {
    edit: "Texto salvo e conferido.",
    approve: "Aprovado. A mensagem vai para a família.",
    reject: "Rejeitado. A família recebe a mensagem padrão.",
    regenerate: "A Carol vai escrever de novo.",
    retry: "O envio vai ser tentado de novo.",
  },
  notDone: {
    edit: "Não deu para salvar.",
    approve: "Não deu para aprovar.",
    reject: "Não deu para rejeitar.",
    regenerate: "Não deu para pedir outro texto.",
    retry: "Não deu para enviar de novo.",
  },
  rejecting: {
    title: "Rejeitar o texto",
    about: "A família recebe só a mensagem padrão, que não conta como a pessoa passou.",
    label: "Por quê?",
    cancel: "Cancelar",
    confirm: "Rejeitar",
  },
  urgentRejected:
    "A família recebe só a mensagem padrão, que não conta como a pessoa passou. Há algo urgente neste relatório: ligue para a família.",
  regenerating: {
    title: "Escrever de novo",
    about: "Diga o que deve mudar: a Carol lê isto antes de escrever.",
    label: "O que deve mudar?",
    cancel: "Cancelar",
    confirm: "Escrever de novo",
  },
  problemsOf: {
    report_changed: "Outra pessoa mexeu neste relatório. Veja como está agora.",
    report_state: "Este relatório já foi decidido. Veja como está agora.",
    not_approved: "O texto mudou desde que você leu. Leia de novo antes de aprovar.",
    bad_text: "O texto está vazio, longo demais, ou traz o nome de outra pessoa cuidada.",
    no_report: "Este relatório não existe nesta clínica.",
  } as Words,

  sends: "Quem recebe",
  talk: "Abrir a conversa",

  steps: "O que aconteceu",
  patterns: "O que chama a atenção",
  trends: {
    improving: "vem melhorando nos últimos plantões",
    stable: "está como nos últimos plantões",
    worsening: "vem piorando nos últimos plantões",
  } as Words,
  /** Whose limits a measure is beyond, where they are not those of the person's age. */
  bases: {
    unknown: "idade não informada: faixa de adulto",
    person: "limite definido pelo médico",
    clinic: "faixa definida pela clínica",
  } as Words,
} as const;

/** Why it waits for a person, or did not go. */
export function reasonSaid(one: Brief): string {
  if (one.state === "send_failed") return unsentSaid(one.error_code);
  return words.reasons[one.review_reason ?? one.error_code ?? ""] ?? words.reason;
}

/** What rejecting it means: of something urgent, that somebody has to call. */
export function rejectingSaid(one: Brief) {
  return one.severity === "urgent" ? { ...words.rejecting, about: words.urgentRejected } : words.rejecting;
}

/** "a mensagem padrão sai em 1 h 20"; once over, that it is leaving. */
export function fallbackSaid(due: Instant, now: Instant): string {
  const left = Math.ceil((new Date(due).getTime() - new Date(now).getTime()) / 60_000);
  return left > 0 ? `mensagem padrão em ${minutes(left)}` : "mensagem padrão saindo";
}

export function problemsSaid(amount: number): string {
  return count(amount, "apontamento", "apontamentos");
}

/** Who wrote a version: "Escrito pela equipe (Bia)". */
export function authorSaid(draft: Draft): string {
  const who = words.authors[draft.author] ?? words.authors.writer ?? "";
  const more = draft.author === "person" ? draft.by : draft.model === OFFLINE ? words.template : "";
  return more ? `${who} (${more})` : who;
}

/** "Plantão da noite, sex, 20 nov" */
export function shiftSaid(one: Brief): string {
  // A calendar day has no zone: noon of it is the same day anywhere we are read.
  const when = day(`${one.day}T12:00:00Z`, "UTC");
  return `${words.shifts[one.shift]}, ${when}${one.revision > 1 ? ` (${words.corrected})` : ""}`;
}

/** What stands out, in a line: the name, and the measure or the medicine it is about. */
export function patternSaid({ kind, key, name, details }: Whole["patterns"][number]): string {
  if (kind === "trend") return words.trends[key] ?? "";
  const told = [details.value, details.unit].filter(Boolean).join(" ");
  const about = kind === "vital" ? told : (details.medicine ?? details.word);
  return about && about !== name ? `${name}: ${about}` : name;
}

/** Whose limits a measure was held against; nothing for those of the person's age. */
export function basisSaid({ details }: Whole["patterns"][number]): string {
  return words.bases[String(details.basis)] ?? "";
}
