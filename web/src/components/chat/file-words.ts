import type { ChatFile } from "@/components/chat/line";
import { bytes } from "@/lib/formats";

type Words = Readonly<Record<string, string>>;

const kinds: Words = {
  audio: "Áudio",
  image: "Imagem",
  video: "Vídeo",
  document: "Documento",
  sticker: "Figurinha",
};

const formats: Words = {
  pdf: "PDF",
  jpeg: "JPG",
  png: "PNG",
  webp: "WebP",
  gif: "GIF",
  ogg: "OGG",
  mpeg: "MP3",
  mp4: "MP4",
  plain: "Texto",
  msword: "Word",
  "vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
  "vnd.ms-excel": "Excel",
  "vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
};

/** What became of a file, beside its icon. */
export const fileStates: Words = {
  waiting: "a caminho",
  ready: "guardado",
  refused: "recusado",
  failed: "não chegou",
  gone: "apagado",
};

const whys: Words = {
  too_large: "é maior do que a Carol recebe",
  not_taken: "é de um tipo que a Carol não recebe",
  broken: "está danificado",
  gone: "o WhatsApp já não tem o arquivo",
  unreachable: "o WhatsApp não entregou o arquivo",
};

const deaf: Words = {
  too_long: "o áudio é longo demais.",
  no_ears: "a Carol está sem como ouvir áudios agora.",
  not_heard: "o som não pôde ser lido.",
  no_words: "nenhuma fala foi entendida.",
};

export const voiceWords = {
  transcript: "Transcrição automática",
  hearing: "A Carol está ouvindo o áudio…",
} as const;

export const fileGone = "Este arquivo não está mais guardado.";

/** "audio" also where only its type tells. */
export function kindOf(file: ChatFile): string {
  return file.kind || file.media_type.split("/")[0] || "";
}

/** "exame.pdf", or "Documento" for one without a name. */
export function fileNamed(file: ChatFile): string {
  return file.name || (kinds[kindOf(file)] ?? kinds.document ?? "");
}

/** "PDF", "240 kB": what is known of it, besides its name. What was not kept is only claimed to be of a format. */
export function fileFacts(file: ChatFile, kept: boolean): string[] {
  const format = kept && formats[file.media_type.split(";")[0]?.split("/")[1] ?? ""];
  const kind = format || (file.name ? kinds[kindOf(file)] : undefined);
  return [kind, file.bytes > 0 ? bytes(file.bytes) : undefined].filter(
    (one): one is string => one !== undefined,
  );
}

/** "recusado: é maior do que a Carol recebe" */
export function fileStateSaid(state: string, problem: string | null | undefined): string {
  const said = fileStates[state] ?? state;
  const why = ["refused", "failed"].includes(state) ? whys[problem ?? ""] : undefined;
  return why ? `${said}: ${why}` : said;
}

/** "Não deu para ouvir: nenhuma fala foi entendida." */
export function notHeardSaid(problem: string): string {
  return `Não deu para ouvir: ${deaf[problem] ?? deaf.not_heard}`;
}
