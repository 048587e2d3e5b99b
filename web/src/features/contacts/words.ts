import { count } from "@/lib/formats";

export const words = {
  more: "Mais ações",
  same: "É a mesma pessoa que…",
  title: "É a mesma pessoa",
  about: (name: string) =>
    `Escolha o outro contato de ${name}: outro número, ou o mesmo visto por outro WhatsApp.`,
  search: "Nome ou telefone",
  none: "Nenhum outro contato com esse nome ou telefone.",
  failed: "Não deu para buscar os contatos.",
  again: "Tentar de novo",

  compare: "Confira antes de juntar",
  compareAbout: "Depois de juntar, não dá para separar por aqui.",
  here: "Esta conversa",
  there: "O outro contato",
  facts: {
    addresses: "Telefones",
    profile: "Nome no WhatsApp",
    people: "Fala por",
    visits: "Consultas à frente",
    seen: "Última mensagem",
    wishes: "Observações",
  },
  hidden: (many: number) => count(many, "identificação do WhatsApp", "identificações do WhatsApp"),
  never: "Nenhuma",
  nobody: "Ninguém cadastrado",
  humanOnly: "Só fala com pessoas",
  optedOut: "Não quer mensagens automáticas",
  doubted: "Precisa confirmar quem é",
  born: (day: string) => `nasc. ${day}`,

  becomes: [
    "As conversas do mesmo WhatsApp viram uma só, com tudo o que já foi dito.",
    "Vale o pedido mais restrito dos dois: quem pediu só pessoas continua só com pessoas.",
    "Se a Carol ainda não sabia de quem era um dos números, ela confirma quem é antes de falar de consultas.",
  ],
  signature: "Como você assina",
  back: "Voltar",
  cancel: "Cancelar",
  confirm: "Juntar os contatos",
  sure: "Confirmo: é a mesma pessoa, mesmo com nome ou nascimento diferentes.",
  different: "Os dois cadastros têm nome ou nascimento diferentes. Confirme para juntar mesmo assim.",
  thinking: "A Carol está respondendo nas duas conversas agora. Tente de novo em alguns segundos.",
  done: "Pronto: agora é um contato só.",
  notDone: "Não deu para juntar os contatos.",
} as const;
