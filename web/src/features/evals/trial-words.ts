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

  judged: "O que o avaliador respondeu",
  scenario: "A prova como foi escrita",
  scenarioAbout: "Do jeito que o programa lê.",
} as const;

/** "1,2 s · R$ 0,0031 · 1.234 tokens" */
export function turnCost(turn: { seconds: number; cost_brl: number; tokens: number }): string {
  const said = [elapsed(turn.seconds * 1000)];
  if (turn.cost_brl) said.push(money(turn.cost_brl, true));
  return said.join(" · ");
}
