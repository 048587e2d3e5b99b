import { dayAndTime, money } from "@/lib/formats";

export const nouns: Readonly<Record<string, string>> = {
  visits: "Consulta",
  people: "Cadastro",
  relationships: "Quem fala por quem",
  contacts: "Contato",
  cases: "Caso para a equipe",
  conversations: "Conversa",
  blocks: "Bloqueio da agenda",
};

const rows: Readonly<Record<string, string>> = {
  "visits.inserted": "Consulta marcada",
  "visits.updated": "Consulta que muda",
  "visits.deleted": "Consulta apagada",
  "people.inserted": "Paciente cadastrado",
  "people.updated": "Cadastro que muda",
  "cases.inserted": "Caso aberto para a equipe",
  "cases.updated": "Caso que muda",
  "relationships.inserted": "Passa a falar por alguém",
  "contacts.inserted": "Contato novo",
  "contacts.updated": "Contato que muda",
  "conversations.updated": "Conversa que muda",
  "blocks.inserted": "Bloqueio na agenda",
};

const hows: Readonly<Record<string, string>> = {
  inserted: "aparece",
  updated: "muda",
  deleted: "some",
  optional: "pode aparecer",
};

/** What a column of a noun may hold, where that is one of a few. */
const choices: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "visits.status": {
    booked: "marcada",
    confirmed: "confirmada",
    cancelled: "cancelada",
    done: "realizada",
    no_show: "faltou",
  },
  "cases.status": { open: "aberto", taken: "com uma pessoa", resolved: "resolvido" },
  "cases.kind": {
    emergency: "emergência",
    self_harm: "risco de se machucar",
    person_asked: "pediu uma pessoa",
    not_understood: "não foi entendido",
    out_of_scope: "fora do que a Carol faz",
    medical: "assunto médico",
    opt_out: "não quer mais mensagens",
    failure: "algo falhou",
    complaint: "reclamação",
    identity: "dúvida sobre quem escreve",
    limits: "limite de uso",
    other: "outro assunto",
  },
  "conversations.owner": { carol: "Carol", person: "uma pessoa da equipe" },
  "relationships.kind": {
    self: "a própria pessoa",
    child: "filho ou filha",
    parent: "pai ou mãe",
    spouse: "cônjuge",
    relative: "parente",
    caregiver: "cuida",
    other: "outra pessoa",
  },
};

/** What may stand in a column, by its code; undefined where anything may, or where this is none of them. */
export function choicesOf(noun: string, column: string, value: unknown): Record<string, string> | undefined {
  const found = choices[`${noun}.${column}`];
  return found && Object.hasOwn(found, String(value)) ? found : undefined;
}

/** A value as staff read it: "marcada", "ter, 24 nov, 13:00", "sim". */
export function valueSaid(noun: string, column: string, value: unknown): string {
  const known = choicesOf(noun, column, value)?.[String(value)];
  if (known) return known;
  if (typeof value === "boolean") return value ? "sim" : "não";
  if (column === "price" && typeof value === "number") return money(value, true);
  if (typeof value !== "string") return JSON.stringify(value);
  return isWall(value) ? dayAndTime(`${value}:00Z`, "UTC", Date.now()) : value;
}

/** Whether it is an instant of the clinic's wall, "2026-11-24T13:00". */
export function isWall(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(value);
}

export const columns: Readonly<Record<string, string>> = {
  person: "paciente",
  service: "serviço",
  professional: "profissional",
  unit: "unidade",
  convenio: "convênio",
  status: "situação",
  price: "preço",
  booked_by: "marcada por",
  starts: "horário",
  ends: "até",
  name: "nome",
  birth_date: "nascimento",
  notes: "anotações",
  kind: "tipo",
  phone: "telefone",
  urgent: "urgente",
  owner: "quem atende",
  reason: "motivo",
};

/** "Consulta marcada", "Caso que muda" */
export function rowSaid(noun: string, how: string): string {
  return rows[`${noun}.${how}`] ?? `${nouns[noun] ?? noun}: ${hows[how] ?? how}`;
}
