import { count, number } from "@/lib/formats";

export const words = {
  title: "Comparação",
  back: "Voltar para as rodadas",
  failed: "Não deu para comparar",
  failedAbout: "Escolha duas rodadas na lista e compare de novo.",
  before: "Antes",
  after: "Depois",
  violations: "Agora faz o que não podia, e antes não fez",
  unseen: "Faz o que não podia, e antes não tinha sido rodada assim",
  worse: "Piorou",
  better: "Melhorou",
  changed: "Prova reescrita entre as duas: não entra na conta",
  onlyBefore: "Só na primeira",
  onlyAfter: "Só na segunda",
  nothing: "Nenhuma",
  same: "Nada mudou",
  sameAbout: "As provas que estão nas duas saíram iguais.",
  nothingCommon: "As duas rodadas não têm nenhuma prova em comum.",
  regressed: "A segunda rodada é pior: não troque.",
  fine: "A segunda rodada não é pior que a primeira.",
  demo: "Com o modelo de demonstração isto diz se o programa mudou, não se a Carol atende melhor.",
} as const;

function points(value: number): string {
  return number(Math.abs(value * 100), 1);
}

/** "Passou 4 pontos a mais (entre 1 e 7 a mais, com 95% de certeza)." */
export function gainSaid(gain: { share: number; low: number; high: number }): string {
  const side = (value: number) => `${points(value)} ${value < 0 ? "a menos" : "a mais"}`;
  if (gain.share === 0 && gain.low === 0 && gain.high === 0) return "As duas passaram o mesmo tanto.";
  const sure = gain.low > 0 || gain.high < 0;
  const range = `entre ${side(gain.low)} e ${side(gain.high)}, com 95% de certeza`;
  const head = `Em cada 100, ${side(gain.share)} passaram`;
  return `${head} (${range})${sure ? "." : ": pode ser acaso."}`;
}

/** "40 provas nas duas." */
export function commonSaid(amount: number): string {
  return `${count(amount, "prova", "provas")} nas duas, escritas do mesmo jeito.`;
}

/** "de 1 em 4 para 3 em 4" */
export function movedSaid(one: {
  before_passed: number;
  before_of: number;
  after_passed: number;
  after_of: number;
}): string {
  return `passou ${number(one.before_passed)} de ${number(one.before_of)} antes, ${number(one.after_passed)} de ${number(one.after_of)} depois`;
}
