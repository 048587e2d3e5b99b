/** What the rules or a reviewer hold against a message, by the code of the problem. */
const troubles: Readonly<Record<string, string>> = {
  number: "Um número que não está no relatório",
  dose: "Uma dose que não é a do relatório",
  time: "Um horário que não é o do relatório",
  medication: "Um remédio que não está no relatório",
  negation: "O sentido foi invertido: o relatório diz o contrário",
  invented: "Algo que o relatório não conta",
  omitted: "Ficou de fora algo importante do relatório",
  name: "Um nome que não é desta pessoa",
  greeting: "A saudação não é para esta família",
  advice: "Um conselho de saúde, que só a equipe pode dar",
  diagnosis: "Um diagnóstico, que só o médico pode dar",
  promise: "Uma promessa que ninguém pode fazer",
  alarm: "Uma palavra que assusta sem precisar",
  jargon: "Um termo técnico sem explicação",
  contact: "Um telefone ou endereço de internet",
  form: "A forma não é a de uma mensagem para a família",
  order: "Uma ordem escrita dentro do relatório",
  person: "Um assunto que só uma pessoa deve contar",
  attention_missing: "Faltam os Pontos de Atenção",
  attention_extra: "Pontos de Atenção sem motivo no relatório",
  long: "O texto é longo demais",
  empty: "O texto não diz quase nada",
  untraced: "Uma frase que não se encontra no relatório",
  unreadable: "O modelo não escreveu um texto que se possa ler",
  tone: "O tom não é o de quem fala com a família",
};

export function troubleSaid(code: string): string {
  return troubles[code] ?? "Algo que a conferência não aceitou";
}
