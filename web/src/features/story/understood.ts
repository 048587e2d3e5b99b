import { intentWords, reactionWords, refusedWords } from "@/features/story/code-words";
import { words } from "@/features/story/words";

/** More services than these are no longer what someone asked for, only what their words may mean. */
const FEW = 2;

type Read = Readonly<Record<string, unknown>>;

function listed(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.filter((one): one is string => typeof one === "string" && one !== "");
}

function wordsOf(codes: readonly string[], table: Readonly<Record<string, string>>): string[] {
  return [...new Set(codes.flatMap((code) => (Object.hasOwn(table, code) ? (table[code] ?? []) : [])))];
}

/**
 * "marcar Limpeza dental, terça à tarde" from what the demonstration model read in a message. A "sim" or a greeting is told
 * only when there is nothing else. "" when it read nothing we have words for.
 */
export function understoodWords(read: Read | null | undefined): string {
  if (!read) return "";
  const intents = listed(read.intents);
  const subjects = [
    ...new Set([...wordsOf(listed(read.refuses), refusedWords), ...wordsOf(intents, intentWords)]),
  ];
  const services = listed(read.services);
  const named = services.length <= FEW ? services.join(", ") : "";
  const about = [subjects.join(", "), named].filter(Boolean).join(" ");
  const when = [...listed(read.day), ...listed(read.time)].join(" ");
  const rest = [
    services.length > FEW ? words.manyServices(services.length) : "",
    when,
    ...listed(read.professionals),
    ...listed(read.stranger),
    ...listed(read.unit),
    ...listed(read.convenio),
    // A word that names a subject, alone in a message, is read as a name too.
    ...listed(read.person).filter((name) => !subjects.includes(name.toLowerCase())),
  ];
  const said = [about, ...rest].filter(Boolean).join(", ");
  return said || wordsOf(intents, reactionWords).join(", ");
}
