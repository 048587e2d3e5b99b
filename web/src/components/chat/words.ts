import { number } from "@/lib/formats";

export const words = {
  author: { carol: "Carol", automatic: "automático", patient: "paciente" },
  status: {
    queued: "guardado",
    sending: "enviando",
    sent: "enviado",
    delivered: "entregue",
    read: "lido",
    failed: "falhou",
    unknown: "sem confirmação do WhatsApp",
    cancelled: "cancelado",
    received: "recebida",
    answered: "respondida",
    waiting: "esperando conexão",
    unsent: "Não enviada",
  } as Record<string, string>,
  toldCarol: "Para a Carol saber:",
  story: "Ver o que a Carol fez",
  receipt: "Ver o registro",
  retry: "Tentar de novo",
  discard: "Descartar",
  earlier: "Mensagens anteriores",
  earlierLoading: "Buscando…",
  newLines: "Novas mensagens",
  typing: "Carol está escrevendo…",
  newTab: "abre em outra aba",

  media: {
    image: "Imagem",
    audio: "Áudio",
    play: "Ouvir",
    pause: "Pausar",
    position: "Posição do áudio",
    open: "Abrir a imagem inteira",
    download: "Baixar",
    unknownKind: "Mensagem de um tipo que ainda não mostramos",
  },

  flag: "Sinal de urgência",
  flags: {
    ambulance: "pedido de ambulância",
    anaphylaxis: "reação alérgica grave",
    bleeding: "sangramento",
    breathing: "falta de ar",
    chest_pain: "dor no peito",
    child_fever_baby: "febre em bebê",
    choking: "engasgo",
    overdose: "excesso de remédio",
    poisoning: "intoxicação",
    pregnancy: "sinal de risco na gravidez",
    seizure: "convulsão",
    self_injury: "automutilação",
    severe_burn: "queimadura grave",
    stroke: "sinais de AVC",
    suicide_ideation: "risco de suicídio",
    trauma: "acidente ou pancada forte",
    unconscious: "perda de consciência",
    unwell: "mal-estar",
    violence: "violência",
    emergency: "emergência",
    self_harm: "risco de vida",
  } as Record<string, string>,

  composer: {
    label: "Mensagem",
    placeholder: "Escreva uma mensagem",
    send: "Enviar",
    attach: "Anexar áudio ou imagem",
    quick: "Respostas rápidas",
    drop: "Solte para anexar",
    tooLong: "A mensagem passa de 4.096 caracteres. Divida em duas; nada do que você escreveu foi perdido.",
    dismiss: "Fechar aviso",
  },
} as const;

/** "Ana devolveu a conversa para a Carol." */
export function cameBack(by: string | null): string {
  return by ? `${by} devolveu a conversa para a Carol.` : "A conversa voltou para a Carol.";
}

export function pastedTooMuch(pasted: number, kept: number): string {
  return `O texto colado tinha ${number(pasted)} caracteres, mais do que cabe aqui. Ficaram ${number(kept)}.`;
}

export function counterWords(length: number, most: number): string {
  return `${number(length)} de ${number(most)}`;
}

export function wrongType(name: string): string {
  return `“${name}” não é áudio nem imagem que a Carol receba. Envie JPG, PNG, WebP, GIF, OGG, MP3, M4A, WAV ou WebM.`;
}

export function tooHeavy(name: string, size: string): string {
  return `“${name}” tem ${size}; o máximo é 16 MB. Nada foi enviado.`;
}

export function emptyFile(name: string): string {
  return `“${name}” está vazio. Nada foi enviado.`;
}
