import { count } from "@/lib/formats";

export const words = {
  title: "Agenda",
  failed: "Não deu para abrir a agenda deste dia",
  previous: "Dia anterior",
  next: "Próximo dia",
  today: "Hoje",
  pick: "Escolher o dia",
  now: "agora",
  everyone: "Todos",
  professionals: "Profissionais",
  grid: "Agenda do dia por profissional",
  list: "Agenda do dia por horário",
  holiday: (name: string) => `Feriado: ${name}`,
  closed: "A clínica não abre neste dia",
  closedAbout: "Ninguém atende e não há nada marcado.",
  nextDay: "Ver o próximo dia",
  nothing: "Nenhuma consulta neste dia",
  nothingAbout: "O que a Carol ou a equipe marcar aparece aqui na hora.",
  off: "não atende neste dia",
  visits: (amount: number) => count(amount, "consulta", "consultas"),
  holds: (amount: number) => count(amount, "horário guardado", "horários guardados"),
  block: "Bloqueio",
  blocked: (reason: string) => `Bloqueado: ${reason}`,
  someone: "Sem nome",
  with: (name: string) => `com ${name}`,
  until: (start: string, end: string) => `${start} às ${end}`,
  held: (left: string) => `guardado por mais ${left}`,
} as const;

export const statusWords: Readonly<Record<string, string>> = {
  booked: "marcada",
  confirmed: "confirmada",
  cancelled: "cancelada",
  completed: "atendida",
  no_show: "faltou",
  hold: "guardado",
};

export const proof = {
  failed: "Não deu para abrir este registro",
  hold: "Horário guardado",
  visit: "Consulta",
  service: "Serviço",
  when: "Quando",
  professional: "Com",
  place: "Onde",
  payment: "Pagamento",
  status: "Situação",
  until: "Guardado até",
  origin: "Origem",
  private: "particular",
  noPrice: "preço não informado",
  receipts: "O que foi registrado",
  noReceipts: "A Carol não registrou nada sobre este horário.",
  promises: "O que foi dito ao paciente",
  noPromises: "Nenhuma mensagem falou deste horário.",
  conversation: "Abrir a conversa",
  id: "Identificação",
  receipt: "Registro",
  copy: "Copiar",
  copied: "Copiado",
  before: (moment: string) => `era ${moment}`,
  otherAct: "A Carol registrou uma ação",
  otherOrigin: "outra origem",
} as const;

export const originWords: Readonly<Record<string, string>> = {
  carol: "marcada pela Carol",
  person: "marcada pela equipe",
  import: "veio de outro sistema",
};

export const actWords: Readonly<Record<string, string>> = {
  propose_visit: "A Carol guardou o horário",
  book_visit: "A Carol marcou",
  propose_move: "A Carol guardou o novo horário",
  move_visit: "A Carol mudou o horário",
  propose_cancel: "A Carol preparou o cancelamento",
  cancel_visit: "A Carol cancelou",
  escalate: "A Carol passou para a equipe",
  for_whom: "A Carol anotou para quem é",
};
