import { count } from "@/lib/formats";

export const words = {
  title: "Ensaio",
  intro: {
    title: "Converse com a Carol como se fosse um paciente",
    about:
      "É a Carol de verdade, com a agenda e os documentos desta clínica, numa cópia só sua. Nada do que acontecer aqui ocupa um horário real nem chega a alguém.",
    begin: "Começar ensaio",
    beginning: "Preparando a cópia…",
    failed: "Não deu para começar o ensaio",
  },
  listFailed: "Não deu para abrir os ensaios",
  failed: "Não deu para abrir este ensaio",
  over: {
    title: "Este ensaio terminou",
    about: "Ensaios duram um dia. A agenda e os pacientes da clínica continuam como estavam.",
    again: "Começar outro",
  },
  stale: "A configuração da clínica mudou desde que este ensaio começou.",
  restart: "Recomeçar",
  restarted: "Ensaio novo. O anterior continua na lista.",
  panels: {
    chat: "Conversa",
    story: "O que a Carol fez",
    agenda: "Agenda",
    label: "O que ver",
    news: "há novidade",
  },
  hide: "Esconder",
  show: "Mostrar",
  storyEmpty: {
    title: "Aqui aparece o que a Carol faz",
    about: "Escreva como paciente. Cada passo dela surge aqui enquanto acontece.",
  },

  chat: {
    label: "Conversa do ensaio",
    placeholder: "Escreva como paciente",
    send: "Enviar como paciente",
    empty: "Diga oi, pergunte um preço, marque uma consulta.",
    starters: [
      { label: "Marcar uma limpeza", text: "Oi! Queria marcar uma limpeza para esta semana" },
      { label: "Saber um preço", text: "Quanto custa a consulta?" },
      { label: "Tirar uma dúvida", text: "Preciso de algum preparo antes do exame?" },
    ],
    failed: "Não deu para abrir a conversa",
    fileLost: "O arquivo não ficou guardado ao recarregar a página. Anexe de novo.",
    lineMenu: "O que fazer com esta mensagem",
  },

  person: {
    youAre: "Você é",
    change: "Trocar de pessoa",
    unknown: "Número novo",
    nameless: "sem telefone",
    title: "Quem você quer ser?",
    about: "A Carol reconhece quem já é da clínica e trata os outros como novos.",
    search: "Buscar pelo nome ou telefone",
    here: "Já falaram neste ensaio",
    ofClinic: "Pessoas da clínica",
    nobody: "Ninguém com esse nome ou telefone.",
    fresh: "Um número novo",
    freshAbout: "Alguém que a clínica nunca viu",
    named: "Outro nome, sem telefone",
    namedGo: "Ser esta pessoa",
    failed: "Não deu para buscar as pessoas",
    speaksFor: "fala por",
  },
  relationship: {
    self: "a própria pessoa",
    child: "filho ou filha",
    parent: "pai ou mãe",
    spouse: "cônjuge",
    relative: "parente",
    caregiver: "sob cuidado",
    other: "outra pessoa",
  } as Record<string, string>,

  clock: {
    button: "Relógio",
    now: "Agora",
    nowAbout: "O relógio de verdade",
    choose: "Escolher dia e hora…",
    title: "Ensaiar como se fosse outra hora",
    about:
      "A Carol lê “hoje” e “amanhã” por este relógio. Ele anda a partir do momento em que você confirma.",
    field: "Dia e hora na clínica",
    wrong: "Escolha um dia e uma hora.",
    set: "Usar esta hora",
    back: "Voltar para agora",
    pretending: "Ensaiando como se fosse",
    presets: { sunday: "Domingo à noite", holiday: "Feriado", early: "Amanhã cedo" },
  },

  model: {
    button: "Modelo",
    demo: "demonstração",
    usual: "o da clínica",
    failed: "Os modelos não puderam ser lidos.",
  },

  situations: {
    button: "Situações",
    title: "O que a Carol faz quando…",
    about: "Um clique envia como o paciente que você está sendo. Edite antes, se quiser.",
    play: "Ver acontecer",
    playing: "Enviando…",
    text: "Mensagem",
    burst: {
      name: "O paciente manda várias mensagens seguidas",
      about: "Chegam em rajada, como no WhatsApp: ela deve juntar tudo e responder uma vez.",
      texts: ["oi", "queria marcar uma limpeza", "de preferência terça à tarde"],
    },
    duplicate: {
      name: "A mesma mensagem é entregue duas vezes",
      about: "Acontece quando a rede falha: a segunda entrega não pode mudar nada.",
      texts: ["Quais horários vocês têm esta semana?"],
    },
    failing_model: {
      name: "O modelo de linguagem está fora do ar",
      about: "Ninguém pode ficar sem resposta: ela avisa e chama a equipe.",
      texts: ["Vocês atendem no sábado?"],
    },
    waiting: "Enviado. Esperando a Carol…",
    close: "Fechar este aviso",
  },

  more: {
    button: "Mais",
    export: "Exportar conversa",
    exportEmpty: "Ainda não há conversa para exportar.",
    exportFailed: "Não deu para exportar. A conversa continua aqui.",
    list: "Ensaios desta clínica",
    listAbout: "Cada um tem sua própria agenda e dura um dia.",
    this: "este",
    branch: "a partir de outro",
    noTalk: "sem conversa",
  },

  branch: {
    back: "Voltar para antes desta mensagem",
    with: "Repetir com outro modelo",
    failed: "Não deu para voltar a este ponto. Nada mudou aqui.",
    making: "Voltando…",
    from: "Você voltou para antes de",
    fromOther: "Este ensaio começou a partir de outro.",
    original: "Ver o original",
  },

  owner: {
    person: "Uma pessoa da equipe",
    took: "assumiu esta conversa. A Carol fica em silêncio.",
    giveBack: "Devolver para a Carol",
    by: "Ensaio",
    failed: "Não deu para devolver agora. Tente de novo.",
  },

  done: {
    propose_visit: "Guardou um horário",
    book_visit: "Marcou a consulta",
    propose_move: "Guardou outro horário",
    move_visit: "Trocou o horário da consulta",
    propose_cancel: "Preparou o cancelamento",
    cancel_visit: "Cancelou a consulta",
    for_whom: "Anotou para quem é o atendimento",
    escalate: "Chamou a equipe",
  } as Record<string, string>,
  doneOther: "Registrou uma ação",

  receipt: {
    title: "Registro",
    about: "O que ficou gravado quando a Carol fez isto.",
    what: "O que ela fez",
    when: "Quando",
    id: "Número do registro",
    details: "Tudo o que foi gravado",
    gone: "Este registro está numa parte mais antiga da conversa. Busque as mensagens anteriores.",
  },
} as const;

export function visitsWords(visits: number): string {
  return count(visits, "consulta", "consultas");
}

/** What a burst of messages came to. */
export function burstWords(answers: number, messages: number): string {
  return `${count(answers, "resposta", "respostas")} para ${count(messages, "mensagem", "mensagens")}.`;
}

export function duplicateWords(answered: boolean): string {
  return `A segunda entrega não mudou nada${answered ? ": uma mensagem, uma resposta" : ""}.`;
}

export function failingWords(caseNumber: number | null): string {
  return caseNumber === null
    ? "Ela avisou o paciente; nenhum caso foi aberto."
    : `Ela avisou o paciente e abriu o caso ${caseNumber} para a equipe.`;
}
