import { noiseWords } from "@/features/evals/noise-words";
import { count, elapsed, money, number } from "@/lib/formats";

export const words = {
  title: "Provas",
  about: "Conversas inventadas que a Carol atende, conferidas pelo que ficou registrado na clínica.",
  begin: "Rodar provas",
  runs: "Rodadas",
  own: "Provas da clínica",
  views: "O que mostrar",
  failed: "Não deu para abrir as rodadas",
  more: "Rodadas anteriores",
  demo: "modelo de demonstração: não mede qualidade",
  everything: "Todas as provas",
  compare: "Comparar",
  compareAbout: "Escolha duas rodadas para comparar",
  choose: (when: string) => `Escolher a rodada de ${when} para comparar`,
  chosen: (amount: number) =>
    amount === 1 ? "1 rodada escolhida. Escolha mais uma." : `${number(amount)} rodadas escolhidas`,
  clear: "Limpar",

  empty: {
    title: "Veja como a Carol atende antes de confiar nela",
    about:
      "Cada prova é uma conversa com um paciente inventado. No fim, o que vale é o que ficou registrado: a consulta certa, na hora certa, e nada a mais.",
  },

  states: {
    queued: "na fila",
    running: "rodando",
    ended: "terminada",
    stopped: "parada",
    broken: "interrompida",
  },
  stopping: "parando",
  errors: {
    lost: "O computador que rodava as provas parou de dar sinal.",
    killed: "O processo que rodava as provas foi encerrado no meio.",
    crashed: "O processo que rodava as provas parou por um erro.",
  } as Record<string, string>,
  brokeUnknown: "A rodada parou por um erro.",
  keptSoFar: "O que já foi feito está guardado, e dá para continuar de onde parou.",

  marks: {
    passed: "passou",
    failed: "não passou",
    violated: "fez o que não podia",
    broken: "sem resultado",
  },
  gate: {
    open: "aprovada",
    shut: "não aprovada",
    reasons: "Por que não foi aprovada",
    openAbout: "Tudo o que se exige desta rodada foi cumprido.",
    waits: "A decisão sai quando a rodada termina.",
  },

  dialog: {
    title: "Rodar provas",
    about: "Nada sai para pacientes nem para a equipe: tudo acontece numa cópia da clínica.",
    suites: "O que rodar",
    all: "Marcar tudo",
    none: "Desmarcar tudo",
    choose: (suite: string) => `Escolher provas de ${suite}`,
    seek: (suite: string) => `Procurar em ${suite}`,
    seekShort: "Procurar",
    notFound: "Nenhuma prova com esse nome.",
    knownOne: "ainda não passa",
    known: (amount: number) => `${number(amount)} ainda não ${amount === 1 ? "passa" : "passam"}`,
    noise: "Também como as mensagens chegam de verdade",
    noiseAbout: "Cada prova roda mais uma vez para cada jeito marcado.",
    trials: "Vezes que cada prova roda",
    auto: "O que cada prova pede",
    autoDemo: "Uma vez",
    reais: "Parar ao gastar (R$)",
    reaisWrong: "Escreva um valor em reais, como 20 ou 12,50.",
    paid: (model: string) => `As provas usam ${model}, que cobra por uso. Ponha um limite se quiser.`,
    free: "As provas usam o modelo de demonstração: é de graça, não mede qualidade, e já se sabe o que ele ainda não passa.",
    cancel: "Cancelar",
    confirm: "Rodar",
    nothing: "Marque pelo menos um grupo ou uma prova.",
    failed: "Não deu para abrir os grupos de provas",
    noOwn: "nenhuma ainda",
  },
  begun: "Rodada na fila. Ela começa sozinha.",
  beginFailed: "Não deu para começar a rodada.",
  stop: "Parar",
  resume: "Continuar",
  stopAsked: "Parando: as provas em andamento terminam antes.",
  stopFailed: "Não deu para parar.",
  resumed: "A rodada continua de onde parou.",
  resumeFailed: "Não deu para continuar.",

  run: {
    title: "Rodada",
    back: "Voltar para as rodadas",
    failed: "Não deu para abrir a rodada",
    report: "Relatório",
    reportAbout: "abre em outra aba",
    again: "Rodar de novo",
    repeat: "Repetir as que falharam",
    repeatOf: "Repete provas de outra rodada",
    repeatOpen: "Ver a primeira",
    progress: "Andamento",
    suites: "Por grupo",
    suite: "Grupo",
    scenarios: "Provas",
    trials: "Vezes",
    passed: "Passou",
    failedShort: "Não passou",
    violatedShort: "Não podia",
    brokenShort: "Sem resultado",
    list: "Provas desta rodada",
    show: "Mostrar",
    shows: {
      wrong: "O que deu errado",
      violated: "Fez o que não podia",
      failed: "Não passou",
      broken: "Sem resultado",
      passed: "Passou",
      all: "Tudo",
    },
    every: "Todos os grupos",
    suiteChoice: "Grupo",
    trialsFailed: "Não deu para abrir as provas desta rodada",
    nothingWrong: "Nada deu errado",
    nothingWrongAbout: "Todas as provas desta lista passaram.",
    nothing: "Nada aqui",
    nothingAbout: "Nenhuma prova desta rodada está assim.",
    nothingYet: "Ainda não há resultado",
    nothingYetAbout: "Eles aparecem aqui conforme cada prova termina.",
    more: "Mais provas",
    critical: "crítica",
    numbers: "Números",
    share: "Passaram",
    cost: "Custo",
    costEach: "Por prova",
    answer: "Tempo de resposta",
    below: "Fazer o que não pode",
  },
} as const;

/** "12 passaram · 2 não passaram · 1 fez o que não podia": what is nothing is left out. */
export function countsSaid(one: {
  passed: number;
  failed: number;
  violated: number;
  broken: number;
}): string {
  const said: string[] = [];
  if (one.violated)
    said.push(`${number(one.violated)} ${one.violated === 1 ? "fez" : "fizeram"} o que não podia`);
  if (one.failed) said.push(count(one.failed, "não passou", "não passaram"));
  if (one.broken) said.push(`${number(one.broken)} sem resultado`);
  if (one.passed) said.push(count(one.passed, "passou", "passaram"));
  return said.join(" · ");
}

/** What a run plays, from what was asked for: titles of suites, then how many single ones. */
export function playedSaid(
  asked: { suites: readonly string[]; scenarios: readonly string[]; repeats?: string | null },
  titles: ReadonlyMap<string, string>,
): string {
  const named = asked.suites.map((name) => titles.get(name) ?? name);
  if (asked.repeats) return repeatSaid(asked.scenarios.length);
  if (named.length > 3) named.splice(2, named.length, `mais ${number(asked.suites.length - 2)}`);
  if (asked.scenarios.length) named.push(count(asked.scenarios.length, "prova avulsa", "provas avulsas"));
  return named.join(", ") || words.everything;
}

/** "Repetição de 3 provas" */
function repeatSaid(amount: number): string {
  return `Repetição de ${count(amount, "prova", "provas")}`;
}

/** "modelo de demonstração: não mede qualidade", or the model's name; "" before it has begun. */
export function modelSaid(run: { model: string; offline: boolean }): string {
  if (!run.model) return "";
  return run.offline ? words.demo : run.model;
}

/** "12 de 40" */
export function progressSaid(done: number, due: number): string {
  return due ? `${number(done)} de ${number(due)}` : number(done);
}

/** "faltam uns 3 min" */
export function leftSaid(seconds: number | null): string {
  if (seconds === null) return "";
  if (seconds < 60) return "falta menos de 1 min";
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return minutes === 1 ? "falta 1 min" : `faltam uns ${number(minutes)} min`;
  return `faltam umas ${number(Math.round(minutes / 60))} h`;
}

/** "12 provas, 3 críticas" */
export function suiteSaid(one: { scenarios: number; critical: number }): string {
  const all = count(one.scenarios, "prova", "provas");
  return one.critical ? `${all}, ${count(one.critical, "crítica", "críticas")}` : all;
}

/** "3 de 27 provas" */
export function chosenSaid(amount: number, of: number): string {
  return `${number(amount)} de ${count(of, "prova", "provas")}`;
}

/** "Cerca de 120 conversas." */
export function sizeSaid(amount: number): string {
  return `Cerca de ${count(amount, "conversa", "conversas")}.`;
}

function percent(value: number): string {
  return `${number(value * 100, 1)}%`;
}

/** "87,5% (entre 80% e 93%)" */
export function shareSaid(share: number, low: number | null, high: number | null): string {
  if (low === null || high === null) return percent(share);
  return `${percent(share)} (entre ${percent(low)} e ${percent(high)})`;
}

/** "menos de 3% das vezes, com 95% de certeza" */
export function belowSaid(below: number): string {
  return `nenhuma vez; menos de ${percent(below)} das vezes, com 95% de certeza`;
}

export function costSaid(reais: number): string {
  return reais ? money(reais, true) : "nada";
}

/** "metade em até 0,4 s, quase todas em até 2 s" */
export function answerSaid(p50: number | null, p95: number | null): string {
  if (p50 === null) return "";
  const half = `metade em até ${elapsed(p50 * 1000)}`;
  return p95 === null ? half : `${half}, 95% em até ${elapsed(p95 * 1000)}`;
}

/** "na 3ª vez, em áudio" */
export function trialSaid(trial: { number: number; noise: string }): string {
  const said = [`${number(trial.number)}ª vez`];
  if (trial.noise) said.push(noiseWords[trial.noise] ?? trial.noise);
  return said.join(", ");
}
