import { count } from "@/lib/formats";

/** Completes "Decidiu: …" and "Tentou …". */
export const toolVerbs: Readonly<Record<string, string>> = {
  list_services: "consultar os serviços",
  clinic_facts: "consultar os dados da clínica",
  find_slots: "procurar horários",
  propose_visit: "guardar um horário",
  book_visit: "marcar a consulta",
  my_visits: "ver as consultas marcadas",
  propose_move: "guardar outro horário",
  move_visit: "mudar a consulta",
  propose_cancel: "preparar o cancelamento",
  cancel_visit: "cancelar a consulta",
  for_whom: "definir para quem é",
  search_knowledge: "procurar nos documentos",
  escalate: "passar para a equipe",
};

const topics: Readonly<Record<string, string>> = {
  hours: "o horário de funcionamento",
  address: "o endereço",
  prices: "os preços",
  convenios: "os convênios",
  professionals: "os profissionais",
  payment: "as formas de pagamento",
  preparation: "o preparo",
  all: "os dados da clínica",
};

/** What each tool did, as one line. Moments come already written. */
export const did = {
  listServices: (found: number, asked: string) =>
    `Consultou os serviços${asked ? ` sobre “${asked}”` : ""}: ${count(found, "encontrado", "encontrados")}`,
  clinicFacts: (topic: string) => `Consultou ${topics[topic] ?? topics.all}`,
  foundSlots: (found: number) => `Procurou horários: ${count(found, "encontrado", "encontrados")}`,
  nearSlots: (found: number) =>
    `Procurou horários: nenhum como pedido, ${count(found, "próximo", "próximos")}`,
  noSlots: "Procurou horários: nenhum livre",
  keptFor: (moment: string) => `Guardou ${moment} por alguns minutos`,
  keptForMove: (moment: string) => `Guardou ${moment} para a mudança`,
  toCancel: (moment: string) => `Preparou o cancelamento de ${moment}`,
  booked: (moment: string) => `Marcou a consulta: ${moment}`,
  moved: (moment: string) => `Mudou a consulta para ${moment}`,
  cancelled: (moment: string) => `Cancelou a consulta de ${moment}`,
  noVisits: "Viu as consultas marcadas: nenhuma",
  visits: (found: number) => `Viu as consultas marcadas: ${found}`,
  forWhom: (name: string, who: string) => `Atendimento para: ${name}${who ? ` (${who})` : ""}`,
  foundIn: (titles: string) => `Procurou nos documentos: achou em ${titles}`,
  belowThreshold: "Procurou nos documentos: nada chegou ao mínimo",
  nothingFound: "Procurou nos documentos: nada encontrado",
  escalated: (number: string) => `Passou para a equipe: caso ${number}`,
  answerBy: (until: string) => `resposta ${until}`,
  before: (moment: string) => `era ${moment}`,
  tried: (verb: string, why: string) => `Tentou ${verb}: ${why}`,
  triedInVain: (verb: string) => `Tentou ${verb} e não conseguiu`,
  unknown: (name: string) => `Usou uma ação que esta tela ainda não conhece: ${name}`,
  unknownFailed: (name: string) => `Tentou uma ação que esta tela ainda não conhece: ${name}`,
} as const;
