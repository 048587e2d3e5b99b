import { bytes, count, number } from "@/lib/formats";

const MEGABYTE = 1024 * 1024;

export const words = {
  title: "Conhecimento",
  upload: "Enviar documentos",
  uploadShort: "Enviar",
  choose: "Escolher arquivos para enviar",
  drop: "Solte para enviar",
  dropHint: "Você também pode soltar os arquivos aqui.",
  documents: "Documentos",
  uploads: "Envios",
  failed: "Não deu para abrir os documentos",

  empty: {
    title: "O que a Carol pode responder sobre a clínica",
    about:
      "Envie preparos, convênios, formas de pagamento e orientações. Ela só responde com o que está escrito aqui.",
  },

  states: {
    waiting: "na fila",
    reading: "lendo",
    ready: "pronto",
    refused: "recusado",
    old: "versão antiga",
  },
  kinds: {
    "text/markdown": "Markdown",
    "text/plain": "Texto",
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
  } as Record<string, string>,
  otherKind: "Arquivo",
  formerAnswers: "Enquanto isso, a versão anterior continua respondendo.",
  readAgainRenews:
    "Foi lido por uma versão antiga da Carol. Leia de novo para que a busca o encontre melhor.",
  sendAgainRenews:
    "Foi lido por uma versão antiga da Carol, e o arquivo não está guardado: envie-o de novo para renovar.",

  actions: (title: string) => `Ações de ${title}`,
  open: "Ver os trechos",
  readAgain: "Ler de novo",
  remove: "Excluir",
  readingAgain: (title: string) => `“${title}” entrou na fila para ser lido de novo.`,
  readAgainFailed: (title: string, why: string) => `Não deu para ler “${title}” de novo. ${why}`,
  removed: (title: string) => `“${title}” será excluído.`,
  undo: "Desfazer",
  removeFailed: (title: string, why: string) => `“${title}” continua na lista. ${why}`,

  sheet: {
    about: "É assim, em trechos, que a Carol procura neste documento.",
    failed: "Não deu para abrir o documento",
    none: "Nenhum trecho ainda.",
    untitled: "Sem título",
  },

  sending: {
    waiting: "Aguardando a vez",
    sent: "Enviado. Na fila para ser lido.",
    replaces: "Substitui o documento de mesmo nome.",
    asks: "Já existe um documento com este nome. Enviar substitui o que está guardado.",
    replace: "Substituir",
    cancel: "Cancelar",
    dismiss: "Dispensar",
    again: "Tentar de novo",
    progress: (name: string) => `Enviando ${name}`,
    kept: "O arquivo continua aqui.",
  },

  refusals: {
    empty: "O arquivo está vazio. Confira se é o arquivo certo.",
    folder: "Isto é uma pasta. Abra a pasta e envie os arquivos dela.",
  },

  ask: {
    title: "O que a Carol encontra",
    label: "Pergunte como um paciente perguntaria",
    placeholder: "Preciso de jejum para o exame?",
    go: "Perguntar",
    suggestions: "Experimente",
    examples: ["Vocês aceitam convênio?", "Como me preparo para a consulta?", "E se eu me atrasar?"],
    failed: "Não deu para perguntar",
    notFound: "Nada chegou ao mínimo: ela diria que não encontrou.",
    noDocuments: "Ainda não há nada para procurar.",
    understood: (text: string) => `Procurado como “${text}”.`,
    considered: "Trechos considerados, do melhor ao pior",
    used: "usado",
    unused: "não usado",
    meaning: "significado",
    words: "palavras",
    least: "mínimo",
    open: "Abrir o documento",
    more: "Mostrar tudo",
    less: "Mostrar menos",
    beside: "Um pouco abaixo do mínimo, mas acompanha o trecho que responde.",
    beyond: "Passou do mínimo, mas só os melhores trechos são usados.",
    noWords: "Quase nenhuma palavra em comum com a pergunta.",
    noMeaning: "O significado é distante da pergunta.",
    asked: "Resposta da busca",
  },
} as const;

/** "18 trechos" */
export function passagesSaid(amount: number): string {
  return count(amount, "trecho", "trechos");
}

/** "PDF · 120 kB" */
export function kindAndSize(mediaType: string, size: number): string {
  return `${words.kinds[mediaType] ?? words.otherKind} · ${bytes(size)}`;
}

function megabytes(most: number): string {
  return `${number(most / MEGABYTE)} MB`;
}

/** "Markdown, texto, PDF…, até 10 MB cada." */
export function accepted(extensions: readonly string[], most: number): string {
  return `Aceita ${extensions.join(", ")}, até ${megabytes(most)} cada.`;
}

export function wrongKind(extensions: readonly string[]): string {
  return `Este tipo de arquivo não é aceito. Envie ${extensions.join(", ")}.`;
}

export function tooBig(size: number, most: number): string {
  return `O arquivo tem ${bytes(size)} e o limite é ${megabytes(most)}. Divida em partes menores e envie de novo.`;
}

/** "2 documentos ainda estão sendo lidos: a resposta pode mudar." */
export function notAllRead(amount: number): string {
  return amount === 1
    ? "1 documento ainda está sendo lido: a resposta pode mudar."
    : `${number(amount)} documentos ainda estão sendo lidos: a resposta pode mudar.`;
}

/** "A Carol responderia com: Preparo odontologia › Limpeza, e mais 2 trechos." */
export function wouldAnswer(place: string, others: number): string {
  const more = others === 0 ? "" : `, e mais ${passagesSaid(others)}`;
  return `A Carol responderia com: ${place}${more}.`;
}

export function short(missing: number): string {
  return `Faltou ${score(missing)} para o mínimo.`;
}

/** Always two digits, so that columns of them line up. */
export function score(value: number): string {
  return value.toLocaleString("pt-BR", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** "significado 0,31 + palavras 0,12 = 0,43" */
export function sum(dense: number, lexical: number, total: number): string {
  const sign = lexical < 0 ? "−" : "+";
  return `${words.ask.meaning} ${score(dense)} ${sign} ${words.ask.words} ${score(Math.abs(lexical))} = ${score(total)}`;
}
