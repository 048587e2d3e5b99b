import type { Day, Desk, Run } from "@/features/reports/queries";
import { count, elapsed, type Instant, nearDay, number, relative, time } from "@/lib/formats";

type Words = Readonly<Record<string, string>>;

/** Who signs the runs that are asked for at the terminal. */
const TERMINAL = "carol reports";

export const words = {
  title: "Central de relatórios",
  failed: "Não deu para abrir a central",
  empty: {
    title: "Relatórios de plantão para as famílias",
    about:
      "A Carol lê os plantões que os cuidadores fecharam, escreve para a família em linguagem simples, confere com o relatório e envia pelo WhatsApp. O que não passa na conferência espera uma pessoa.",
    /** Every second part is something to be typed. */
    step: [
      "Primeiro passo: na parte ",
      "reports",
      " do documento da clínica, diga de onde vêm os plantões e quem da família aceita receber; depois rode ",
      "carol db seed",
      ". O passo a passo está em ",
      "docs/guides/report-source.md",
      ".",
    ],
  },
  run: "Executar agora",
  begun: "A rodada começou.",
  runFailed: "A rodada não começou.",
  toReview: "Ir para a revisão",

  source: {
    well: "A origem responde",
    broken: "A origem não responde",
    unknown: "A origem ainda não foi lida",
  },
  under: "Rodada em andamento",
  stages: {
    sync: "Ler a origem",
    process: "Escrever e conferir",
    notify: "Avisar a equipe",
    send: "Enviar",
    done: "Pronto",
  } as Words,

  figures: "Números de hoje",
  total: "Recebidos hoje",
  rate: "Aprovados sem ajuda",
  sent: "Enviados hoje",
  pendingSends: (amount: number): string => (amount ? `${number(amount)} por sair` : "nenhum esperando"),
  notSent: "Não enviados",
  took: "Tempo médio para escrever",
  lights: { good: "Como se espera", attention: "Abaixo do esperado", urgent: "Baixo demais" },
  nothing: "Nada decidido ainda",
  noTime: "Nada escrito ainda",
  took30: "O esperado é até 30 s",
  instant: "menos de 1\u00a0s",

  chart: "Últimos 7 dias",
  chartFailed: "Não deu para ler os últimos dias",
  numbers: "Ver os números",
  day: "Dia",
  series: { total: "Recebidos", approved: "Aprovados", failed: "Não passaram", fallback: "Mensagem padrão" },
  noDays: "Ainda não chegou nenhum relatório. A primeira rodada preenche este gráfico.",

  alerts: "Alertas",
  noAlerts: "Nada pede atenção agora.",
  severity: { critical: "Urgente", warning: "Atenção", info: "Para saber" },
  dismiss: "Dispensar",
  dismissed: "Alerta dispensado.",
  dismissFailed: "Não deu para dispensar.",
  dialog: {
    title: "Dispensar o alerta",
    about: "Ele só volta se o problema passar e acontecer de novo.",
    label: "Por quê?",
    cancel: "Cancelar",
    confirm: "Dispensar",
  },
  since: (when: string): string => `desde ${when}`,

  quick: "Ações rápidas",
  check: "Verificar alertas",
  checked: "Verificado: nada pede atenção.",
  checkFailed: "Não deu para verificar.",
  pending: "Ver pendentes",

  runs: "Últimas rodadas",
  runsFailed: "Não deu para ler as rodadas",
  noRuns: "Nenhuma rodada ainda. Execute a primeira agora, ou espere o próximo horário.",
  columns: {
    when: "Início",
    status: "Situação",
    took: "Duração",
    got: "Lidos",
    approved: "Aprovados",
    failed: "Para revisar",
    sent: "Para envio",
    open: "Detalhes",
  },
  status: { running: "Em andamento", completed: "Concluída", failed: "Com falha" },
  scheduled: "no horário",
  terminal: "pelo terminal",
  broken: (amount: number): string => count(amount, "registro ilegível", "registros ilegíveis"),
  notified: (amount: number): string => count(amount, "aviso à equipe", "avisos à equipe"),
  skipped: "deixada de fora",
  notYet: "ainda não",
  errors: {
    source_down: "a origem não responde",
    source_slow: "a origem demorou demais",
    source_refused: "a origem recusou o acesso",
    source_tls: "a conexão segura com a origem falhou",
    source_schema: "as tabelas da origem não são as configuradas",
    bad_source: "a configuração da origem não serve",
    no_source: "nenhuma origem configurada",
    unfinished: "o tempo acabou; o resto vem na próxima rodada",
    died: "o processo caiu várias vezes",
    unavailable: "algo de que a Carol depende está fora do ar",
  } as Words,
  broke: "erro do programa",
  problems: {
    pipeline_running: "Já há uma rodada em andamento.",
    no_report_desk: "Esta clínica ainda não envia relatórios.",
    alert_over: "O problema já passou sozinho.",
  } as Words,
} as const;

/** "hoje, 12:00" */
export function momentSaid(at: Instant, now: Instant, zone: string): string {
  return `${nearDay(at, now, zone)}, ${time(at, zone)}`;
}

/** "A origem respondeu há 5 min" */
export function sourceSaid(desk: Desk, now: Instant, zone: string): string {
  if (desk.error) {
    const why = words.errors[desk.error] ?? words.broke;
    const last = desk.synced_at ? `; última resposta ${relative(desk.synced_at, now, zone)}` : "";
    return `${why[0]?.toUpperCase()}${why.slice(1)}${last}`;
  }
  return desk.synced_at ? `A origem respondeu ${relative(desk.synced_at, now, zone)}` : words.source.unknown;
}

export function nextSaid(desk: Desk, now: Instant, zone: string): string {
  return desk.next_run_at
    ? `Próxima rodada: ${momentSaid(desk.next_run_at, now, zone)}`
    : "Sem próxima rodada marcada";
}

/** "O relógio parou: nada acontece sozinho desde hoje, 14:02" */
export function clockSaid(since: Instant, now: Instant, zone: string): string {
  return `O relógio parou: nada acontece sozinho desde ${momentSaid(since, now, zone)}`;
}

/** "3 mensagens esperam o fim do silêncio: amanhã, 08:00" */
export function heldSaid(amount: number, until: Instant, now: Instant, zone: string): string {
  const messages = count(amount, "mensagem espera", "mensagens esperam");
  return `${messages} o fim do silêncio: ${momentSaid(until, now, zone)}`;
}

export function percent(rate: number | null): string {
  return rate === null ? "–" : `${number(rate, 0)}%`;
}

export function averageSaid(ms: number | null): string {
  if (ms === null) return "–";
  return ms < 1000 ? words.instant : elapsed(ms);
}

export function targetSaid(target: number): string {
  return `o esperado é ${number(target, 0)}% ou mais`;
}

/** What is on its way: "3 esperando revisão, 2 saindo" */
export function waitingSaid(waiting: { writing: number; review: number; leaving: number }): string {
  const said = [
    waiting.writing ? count(waiting.writing, "por escrever", "por escrever") : "",
    waiting.review ? `${number(waiting.review)} em revisão` : "",
    waiting.leaving ? `${number(waiting.leaving)} por sair` : "",
  ].filter(Boolean);
  return said.length ? said.join(", ") : "Nada pendente";
}

export function unsentSaid(amount: number): string {
  return count(amount, "não foi enviado", "não foram enviados");
}

/** Who wanted this run. */
export function askedBySaid(run: Run): string {
  if (run.asked_by === TERMINAL) return words.terminal;
  return run.asked_by || words.scheduled;
}

/** "Rodada das 00:50, Bia" */
export function runTitle(run: Run, zone: string): string {
  return `Rodada das ${time(run.started_at, zone)}`;
}

export function tookSaid(ms: number | null): string {
  return ms === null ? words.notYet : elapsed(ms);
}

/** "sáb, 22" of a calendar day. */
export function dayLabel(day: Day): string {
  const [year = 0, month = 1, date = 1] = day.day.split("-").map(Number);
  const weekday = new Intl.DateTimeFormat("pt-BR", { weekday: "short", timeZone: "UTC" });
  return `${weekday.format(Date.UTC(year, month - 1, date)).replace(".", "")} ${date}`;
}
