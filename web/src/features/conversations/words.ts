import { count } from "@/lib/formats";

type Words = Readonly<Record<string, string>>;

const files: Words = {
  image: "Foto",
  audio: "Áudio",
  video: "Vídeo",
  document: "Arquivo",
  sticker: "Figurinha",
};

const entities: Words = {
  case: "A Carol abriu um caso para a equipe",
  person: "A Carol atualizou o cadastro",
};

export const words = {
  title: "Conversas",
  list: "Lista de conversas",
  search: "Buscar conversas",
  searchBy: "Nome, telefone ou palavras",
  filter: "Mostrar",
  filters: { all: "Todas", team: "Com a equipe", case: "Com caso" },
  more: "Mostrar mais",
  failed: "Não deu para abrir as conversas",
  clear: "Limpar a busca",

  none: {
    title: "As conversas com pacientes aparecem aqui",
    about:
      "Elas chegam pelo WhatsApp da clínica. Para criar uma nesta máquina, rode ./carol chat e escreva como paciente. Os ensaios ficam à parte, em Ensaio.",
    team: "Nenhuma conversa com a equipe agora",
    teamAbout: "Quando alguém assume ou a Carol passa uma conversa, ela aparece aqui.",
    case: "Nenhum caso aberto agora",
    caseAbout: "Quando a Carol precisa de uma pessoa, ela abre um caso com prazo, e ele aparece aqui.",
    found: "Nenhuma conversa encontrada",
    foundAbout: "Tente outro nome, parte do telefone ou menos palavras.",
    chosen: "Escolha uma conversa",
    chosenAbout: "A lista está ao lado. As setas do teclado passam de uma para outra.",
    messages: "Nenhuma mensagem ainda.",
  },

  carol: "Carol",
  team: "Equipe",
  authors: { carol: "Carol", automatic: "Automático" },
  nobody: "Sem nome",
  noMessage: "Sem mensagens",
  cameBack: "A conversa voltou para a Carol",
  message: "Mensagem",
  with: (name: string) => `Com ${name}`,

  back: "Voltar para a lista",
  backToChat: "Voltar para a conversa",
  transcript: (name: string) => `Conversa com ${name}`,
  gone: "Esta conversa não existe nesta clínica",
  openFailed: "Não deu para abrir a conversa",
  people: "Fala por",
  story: "O que a Carol fez",
  storySteps: "Passo a passo",
  hideStory: "Fechar o que a Carol fez",
  download: "Baixar conversa",

  take: "Assumir conversa",
  giveBack: "Devolver para a Carol",
  mine: "Você está respondendo. A Carol está em silêncio.",
  byPhone: "Alguém da clínica está respondendo. A Carol está em silêncio.",
  stuck: "A Carol parou nesta conversa depois de várias tentativas. Responda por ela.",
  tryAgain: "Pedir à Carol de novo",
  triesAgain: "A Carol vai tentar de novo.",
  tryFailed: "Não deu para pedir de novo.",
  signs: (name: string) => `Você assina como ${name}.`,
  change: "Trocar",
  replyTakes: "Se você responder, a conversa passa a ser sua e a Carol fica em silêncio.",
  replyTakesOver: "Se você responder, a conversa passa a ser sua.",
  placeholder: "Responder ao paciente",
  givenBack: "A Carol voltou a responder.",
  takeFailed: "Não deu para assumir a conversa.",
  giveBackFailed: "Não deu para devolver a conversa.",

  give: {
    title: "Devolver para a Carol",
    about: "Ela volta a responder, começando pelo que ficou sem resposta.",
    brief: "O que ela precisa saber (opcional)",
    cancel: "Cancelar",
    confirm: "Devolver",
  },

  receipt: {
    title: "O registro por trás da mensagem",
    gone: "Este registro não está mais nesta parte da conversa.",
    case: "Caso",
    at: "Feito em",
    id: "Número do registro",
    what: (entity: string | null): string => entities[entity ?? ""] ?? "Registro",
    close: "Fechar",
  },
} as const;

/** "Foto" for a message without words. */
export function kindSaid(kind: string): string {
  return files[kind] ?? words.message;
}

/** "2 mensagens sem resposta" */
export function waitingSaid(amount: number): string {
  return count(amount, "mensagem sem resposta", "mensagens sem resposta");
}

export function repliesNow(name: string): string {
  return `${name} está respondendo. A Carol está em silêncio.`;
}

export function closesCases(said: readonly string[]): string {
  return said.length === 1 ? `Encerrar o caso: ${said[0]}` : `Encerrar os casos: ${said.join(", ")}`;
}
