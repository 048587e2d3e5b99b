import { count, number } from "@/lib/formats";

export const words = {
  list: "Provas da clínica",
  about:
    "Conversas que esta clínica quer que a Carol sempre atenda bem. Rodam numa cópia, com gente inventada.",
  failed: "Não deu para abrir as provas da clínica",
  archived: "Mostrar arquivadas",
  isArchived: "arquivada",
  export: "Exportar",
  import: "Importar",
  empty: {
    title: "Guarde o que não pode dar errado de novo",
    about:
      "Abra uma conversa e escolha “Salvar como prova” no menu dela. Os dados do paciente são trocados antes de guardar.",
    go: "Abrir as conversas",
  },
  from: { conversation: "de uma conversa", import: "importada", console: "escrita aqui" } as Record<
    string,
    string
  >,
  actions: (title: string) => `Ações de ${title}`,
  archive: "Arquivar",
  back: "Trazer de volta",
  archivedSaid: (title: string) => `“${title}” foi arquivada e não roda mais.`,
  archiveFailed: (title: string, why: string) => `“${title}” continua na lista. ${why}`,
  backSaid: (title: string) => `“${title}” voltou.`,
  backFailed: (title: string, why: string) => `Não deu para trazer “${title}” de volta. ${why}`,
  sheetFailed: "Não deu para abrir a prova",
  lines: "O que o paciente diz",
  reacts: "Este paciente reage ao que a Carol responde; aqui está como ele começa.",
  expected: "O que tem de ficar registrado",
  others: "O que mais se confere",
  nothingExpected: "Nada de novo na agenda, nos cadastros nem na fila.",
  said: "O que a Carol diz",
  saidAbout: "Sem acento ou maiúscula dá no mesmo. Use quando nada fica registrado, como em uma pergunta.",
  musts: { must_say: "Tem de dizer", must_not_say: "Não pode dizer" },
  addCheck: { must_say: "Acrescentar o que tem de dizer", must_not_say: "Acrescentar o que não pode dizer" },
  checkText: { must_say: "Palavras que ela tem de dizer", must_not_say: "Palavras que ela não pode dizer" },
  pattern: "algo que segue um padrão de palavras",
  checkHint: "palavras como ela as escreveria",
  checkScope: "Em que resposta",
  removeCheck: (told: string) => `Não conferir ${told || "estas palavras"}`,
  document: "A prova inteira",
  openConversation: "Abrir a conversa de onde veio",

  importing: {
    title: "Importar provas",
    about: "Cole o texto ou escolha um arquivo .yaml. Ou entram todas, ou nenhuma.",
    label: "Texto das provas",
    choose: "Escolher arquivo",
    confirm: "Importar",
    cancel: "Cancelar",
    empty: "Cole o texto ou escolha um arquivo.",
    unreadable: "Não deu para ler este arquivo.",
    mistakes: "O que corrigir antes de importar",
    nothing: "Nada foi importado.",
  },

  edit: {
    open: "Editar",
    title: "Editar prova",
    back: "Voltar para as provas da clínica",
    save: "Salvar mudanças",
    saved: "Mudanças guardadas. As próximas rodadas usam a prova assim.",
    archived: "Esta prova está arquivada. Salvar traz ela de volta.",
    theirs: "Ficar com a de agora",
    mine: "Continuar com a minha",
  },

  draft: {
    title: "Salvar como prova",
    about: "Confira o que foi trocado e o que se espera. Nada é guardado até você salvar.",
    back: "Voltar para a conversa",
    failed: "Não deu para preparar a prova",
    none: "Falta dizer de qual conversa",
    noneAbout: "Abra uma conversa e escolha “Salvar como prova” no menu dela.",
    name: "Título",
    code: "Código",
    codeFixed: "O código não muda depois de guardada.",
    codeHint: "Letras minúsculas sem acento, números e hífens.",
    critical: "É crítica: se der errado, nenhuma rodada é aprovada",
    span: "Que parte da conversa",
    first: "Começa nesta fala",
    last: "Termina nesta fala",
    spanHint: "Outra parte prepara a prova de novo; o que você mudou aqui se perde.",
    doubts: "Confira",
    replaced: "O que foi trocado",
    replacedAbout: "Quem escreveu de verdade não aparece na prova.",
    was: "Na conversa",
    now: "Na prova",
    guessed: "pareceu dado de alguém",
    nothingReplaced: "Nada precisou ser trocado. Leia as falas mesmo assim.",
    lines: "Falas do paciente",
    original: "Como foi escrito",
    noOriginal: "Esta fala não está na conversa.",
    addLine: "Acrescentar fala",
    line: (at: number) => `Fala ${number(at)} na prova`,
    agrees: "Aqui o paciente concorda com o que foi lido de volta",
    agreesIn: (at: number) => `Na fala ${number(at)} o paciente concorda`,
    remove: (at: number) => `Tirar a fala ${number(at)}`,
    removed: "Fala tirada da prova.",
    removedRow: (said: string) => `A prova não espera mais: ${said}.`,
    removedCheck: "A prova não confere mais estas palavras.",
    removeRow: (said: string) => `Não esperar: ${said}`,
    expected: "O que tem de ficar registrado",
    expectedAbout: "Sugerido pelo que ficou registrado nesta conversa. Corrija o que estava errado.",
    byPerson: "corrigido por uma pessoa da equipe",
    confirm: "Li a prova e nenhum paciente de verdade aparece nela",
    unconfirmed: "Confirme que leu antes de salvar.",
    save: "Salvar prova",
    saved: "Prova guardada. Ela roda junto com as da clínica.",
    saveFailed: "Não deu para guardar.",
    mistakes: "O que corrigir antes de guardar",
  },

  menu: "Salvar como prova",
} as const;

const whats: Readonly<Record<string, string>> = {
  name: "nome",
  phone: "telefone",
  cpf: "CPF",
  email: "e-mail",
  birth_date: "nascimento",
  address: "endereço",
  convenio_number: "carteirinha",
  link: "link",
  number: "número",
};

export function whatSaid(what: string): string {
  return whats[what] ?? what;
}

/** Where a mistake is, in words: "Fala 2", "O que tem de ficar registrado"; else the field itself. */
export function fieldSaid(field: string): string {
  const turn = /^patient\.turns\.(\d+)/.exec(field)?.[1];
  if (turn) return `Fala ${turn}`;
  if (field === "title") return words.draft.name;
  if (field === "id") return words.draft.code;
  if (field.startsWith("expect")) return words.expected;
  return field;
}

/** In which of Carol's replies words are looked for. */
export function scopeSaid(turn: string): string {
  const known: Readonly<Record<string, string>> = {
    any: "em alguma resposta",
    first: "na primeira resposta",
    last: "na última resposta",
  };
  return known[turn] ?? `na ${turn}ª resposta`;
}

/** "Rui mudou esta prova há 2 min. O que você escreveu continua aqui." */
export function overtakenSaid(by: string, when: string): string {
  return `${by} mudou esta prova (${when}). O que você escreveu continua aqui.`;
}

/** "2 provas novas e 1 atualizada." */
export function importedSaid(fresh: number, changed: number): string {
  const said = [];
  if (fresh) said.push(count(fresh, "prova nova", "provas novas"));
  if (changed) said.push(count(changed, "prova atualizada", "provas atualizadas"));
  return `${said.join(" e ") || "Nenhuma prova"}.`;
}

/** "2 vezes" */
export function timesSaid(times: number): string {
  return count(times, "vez", "vezes");
}
