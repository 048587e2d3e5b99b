import { elapsed, money, number } from "@/lib/formats";

export const words = {
  back: "Voltar para a rodada",
  failed: "Não deu para abrir a prova",
  violations: "Fez o que não podia",
  failures: "Faltou",
  error: "A prova não chegou ao fim",
  passed: "Tudo saiu como se esperava.",

  rows: "O que ficou registrado",
  rowsAbout: "De um lado, o que se esperava; do outro, o que aconteceu na agenda, nos cadastros e na fila.",
  expected: "Esperado",
  happened: "Aconteceu",
  stands: {
    expected: "como esperado",
    allowed: "podia acontecer",
    missing: "faltou",
    unexpected: "não era esperado",
  },
  notExpected: "Nada disso era esperado",
  optional: "Podia acontecer ou não",
  didNot: "Não aconteceu",
  noRows: "Nada mudou na clínica, e nada tinha de mudar.",
  column: "Campo",
  was: "Antes",
  now: "Depois",
  deeper: "Ver os campos",

  talk: "Conversa",
  talkAbout: "Como o paciente inventado viu no telefone.",
  patient: "paciente",
  carol: "Carol",
  spoken: "em áudio",
  agrees: "aqui o paciente concordou",
  silent: "A Carol não respondeu.",
  did: "O que ela fez",
  story: "Por que respondeu assim",
  storyAbout: "Escolha uma fala ao lado para ver a história dela.",
  open: (at: number) => `Ver a história da fala ${number(at)}`,
  turn: (at: number) => `Fala ${number(at)}`,
  nothingSaid: "Ninguém disse nada.",
  noSteps: "Não há o que contar desta fala.",

  steps: "Outras provas desta lista",
  previous: "Prova anterior",
  previousKey: "Prova anterior (k)",
  next: "Próxima prova",
  nextKey: "Próxima prova (j)",

  judged: "O que o avaliador respondeu",
  judgedAbout:
    "Um modelo leu a conversa e respondeu sim ou não a cada pergunta. As linhas registradas valem antes dele.",
  judgedPatient: "Sobre o paciente inventado",
  judgedPatientAbout: "Se quem fez o papel de paciente o fez direito. Nada disso é sobre a Carol.",
  answers: { yes: "Sim", no: "Não", split: "Não se decidiu" },
  standing: {
    counts: "conta: um não aqui reprova a prova",
    critical: "não conta: uma prova crítica nunca depende de um avaliador",
    shown: "não conta: este avaliador concorda com pessoas o bastante para ser lido, e não para decidir",
    unfit: "não conta: ninguém conferiu ainda se este avaliador concorda com pessoas",
    patient: "não conta: não é sobre a Carol",
  },
  scenario: "A prova como foi escrita",
  scenarioAbout: "Do jeito que o programa lê.",
} as const;

/** "3 de 12" */
export function placeSaid(place: number, of: number): string {
  return `${number(place)} de ${number(of)}`;
}

/** Whether a judge's answer counts, and why not. */
export function standingSaid(one: { counts: boolean; standing: string; about: string }): string {
  if (one.counts) return words.standing.counts;
  if (one.about === "patient") return words.standing.patient;
  if (one.standing === "gates") return words.standing.critical;
  return one.standing === "shown" ? words.standing.shown : words.standing.unfit;
}

/** "critério default, versão 2" */
export function rubricSaid(one: { rubric: string; version: number | null }): string {
  return one.version === null
    ? `critério ${one.rubric}`
    : `critério ${one.rubric}, versão ${number(one.version)}`;
}

/** "1,2 s · R$ 0,0031 · 1.234 tokens" */
export function turnCost(turn: { seconds: number; cost_brl: number; tokens: number }): string {
  const said = [elapsed(turn.seconds * 1000)];
  if (turn.cost_brl) said.push(money(turn.cost_brl, true));
  return said.join(" · ");
}
