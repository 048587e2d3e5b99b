/** What a case is about, as the team calls it. */
const kinds: Readonly<Record<string, string>> = {
  emergency: "Urgência",
  self_harm: "Risco de vida",
  person_asked: "Pediu uma pessoa",
  not_understood: "A Carol não entendeu",
  out_of_scope: "Fora do que a Carol faz",
  medical: "Dúvida médica",
  opt_out: "Não quer mais mensagens",
  failure: "A Carol não conseguiu responder",
  complaint: "Reclamação",
  identity: "Confirmar quem é",
  limits: "A Carol chegou ao limite",
  other: "Outro assunto",
};

export function caseSaid(kind: string): string {
  return kinds[kind] ?? "Precisa de uma pessoa";
}
