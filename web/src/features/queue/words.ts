import { count, number } from "@/lib/formats";

const notices: Readonly<Record<string, string>> = {
  queued: "aviso na fila",
  sending: "enviando aviso",
  sent: "avisado",
  failed: "o aviso não saiu",
  unknown: "sem saber se o aviso chegou",
};

export const words = {
  title: "Fila",
  view: "Mostrar",
  views: { waiting: "Esperando", taken: "Assumidos", resolved: "Resolvidos" },
  list: "Casos",
  more: "Mostrar mais",
  failed: "Não deu para abrir a fila",
  caseFailed: "Não deu para abrir o caso",
  gone: "Este caso não existe nesta clínica.",
  back: "Voltar para a fila",
  number: (case_: number): string => `caso nº ${case_}`,
  choose: "Escolha um caso",
  chooseAbout:
    "Aqui aparece o que a pessoa quer, o que já foi feito e quem foi avisado. No teclado, J e K passam de um caso a outro, e A assume.",
  none: {
    waiting: "Ninguém esperando",
    waitingAbout: "Quando alguém pedir uma pessoa, ou a Carol precisar de ajuda, o caso aparece aqui.",
    taken: "Nenhum caso assumido",
    takenAbout: "Os casos que alguém da equipe assumiu ficam aqui até serem resolvidos.",
    resolved: "Nada resolvido ainda",
    resolvedAbout: "Os casos resolvidos ficam aqui, com quem resolveu e como.",
  },

  wants: "O que precisa",
  noted: "Anotado quando o caso abriu",
  whom: "Para quem",
  done: "Já foi feito",
  lastWords: "Últimas mensagens",
  told: "Quem foi avisado",
  nobodyTold: "Ninguém foi avisado pelo WhatsApp. Cadastre a equipe no documento da clínica.",
  opened: "Aberto",
  owner: "Quem assumiu",
  promised: "Resposta prometida até",
  answered: "Respondido",
  resolution: "Como foi resolvido",

  take: "Assumir",
  takeOver: "Passar para mim",
  answer: "Responder na conversa",
  open: "Abrir conversa",
  resolve: "Resolver",
  taken: "O caso é seu. A Carol está em silêncio nesta conversa.",
  takeFailed: "Não deu para assumir.",
  resolveFailed: "Não deu para resolver.",
  resolved: "Caso resolvido.",
  urgent: "Urgente",

  dialog: {
    title: "Resolver o caso",
    about: "Conte o que foi combinado, para a equipe e a Carol saberem.",
    label: "O que foi feito (opcional)",
    proved: "Confirmei que quem escreve é mesmo esta pessoa",
    giveBack: "Devolver a conversa para a Carol",
    cancel: "Cancelar",
    confirm: "Resolver",
  },
} as const;

/** "Ana já assumiu." */
export function takenBy(name: string | null): string {
  return name ? `${name} já assumiu.` : "Outra pessoa já assumiu.";
}

/** "Ana já resolveu." */
export function resolvedBy(name: string | null): string {
  return name ? `${name} já resolveu.` : "Outra pessoa já resolveu.";
}

/** "por Ana, hoje, 14:42" */
export function doneBy(name: string | null, at: string): string {
  return name ? `por ${name}, ${at}` : at;
}

/** "com Ana" */
export function withName(name: string | null): string {
  return name ? `com ${name}` : "pelo celular da clínica";
}

/** "avisado", "o aviso não saiu"… */
export function noticeSaid(status: string): string {
  return notices[status] ?? status;
}

/** "o paciente já foi avisado do atraso 2 vezes" */
export function slipsSaid(slips: number): string {
  return `o paciente já foi avisado do atraso ${count(slips, "vez", "vezes")}`;
}

/** "92% das respostas prometidas saíram no prazo nos últimos 30 dias" */
export function keptSaid(rate: number, days: number): string {
  return `${number(Math.floor(rate * 100))}% das respostas prometidas saíram no prazo nos últimos ${days} dias`;
}

/** "3 atrasados" */
export function lateSaid(late: number): string {
  return count(late, "atrasado", "atrasados");
}
