import { type Instant, nearDay, time } from "@/lib/formats";

export const words = {
  product: "Carol",
  skip: "Pular para o conteúdo",
  mainNavigation: "Páginas",
  soon: "em breve",
  demo: "demonstração",
  clinic: "Clínica",
  appearance: "Aparência",
  signOut: "Sair",
  search: "Buscar",
  searchKeys: { mac: "⌘ K", others: "Ctrl K" },
  more: "Mais",
  waiting: (amount: number): string => `${amount} esperando`,

  pages: {
    rehearsal: "Ensaio",
    queue: "Fila",
    conversations: "Conversas",
    agenda: "Agenda",
    patients: "Pacientes",
    reports: "Relatórios",
    rota: "Escala",
    knowledge: "Conhecimento",
    evals: "Provas",
    settings: "Ajustes",
  },

  theme: { light: "Claro", dark: "Escuro", system: "Do sistema" },

  palette: {
    title: "Ir para",
    label: "Buscar páginas, conversas e clínicas",
    placeholder: "Busque uma página, uma pessoa ou uma palavra da conversa",
    results: "Resultados",
    page: "Página",
    clinic: "Clínica",
    theme: "Aparência",
    conversation: "Conversa",
  },

  signIn: {
    title: "Entrar",
    about: "O console da Carol pede a senha da clínica.",
    password: "Senha",
    enter: "Entrar",
    entering: "Entrando…",
    empty: "Escreva a senha.",
  },

  lost: {
    says: "Sem conexão com a Carol. O que você escreveu está guardado aqui; tentamos de novo sozinhos.",
    now: "Tentar agora",
    found: "Conexão com a Carol recuperada.",
  },

  wire: {
    kept: "As mensagens ficam guardadas e saem quando ele voltar; as que esperarem demais viram caso na fila.",
    standIn: "Enquanto isso, a outra linha da clínica envia o que puder; o resto sai quando esta voltar.",
  },

  noClinic: {
    title: "Nenhuma clínica ainda",
    about: "Carregue a clínica de demonstração, ou a sua, com carol db seed. Esta página percebe sozinha.",
    again: "Conferir de novo",
  },
  clinicsFailed: "Não deu para abrir as clínicas",

  notFound: {
    title: "Esta página não existe",
    about: "O endereço pode ter mudado, ou nunca existiu.",
    home: "Ir para o ensaio",
  },

  pageBroke: "Esta página parou de funcionar",
} as const;

const wires: Readonly<Record<string, string>> = {
  cloud: "linha oficial da Meta",
  evolution: "linha do celular",
};

interface WireDown {
  kind: string;
  name: string;
  since: string | null;
}

/**
 * "O WhatsApp da clínica está desconectado desde 14:02."; which line, where there are several; of several lines that are
 * down, one sentence with each of them.
 */
export function wiresDown(
  down: readonly WireDown[],
  all: readonly WireDown[],
  now: Instant,
  zone: string,
): string {
  const [one] = down;
  if (one && down.length === 1) {
    const line = all.length > 1 ? ` (${lineSaid(one, all)})` : "";
    return `O WhatsApp da clínica${line} está desconectado${sinceSaid(one, now, zone)}.`;
  }
  const lines = down.map((wire) => `${lineSaid(wire, all)}${sinceSaid(wire, now, zone)}`);
  return `O WhatsApp da clínica está desconectado em ${down.length} linhas: ${lines.join("; ")}.`;
}

function lineSaid(wire: WireDown, all: readonly WireDown[]): string {
  const alike = all.filter((one) => one.kind === wire.kind).length > 1;
  return `${wires[wire.kind] ?? wire.kind}${alike ? ` ${wire.name}` : ""}`;
}

/** " desde ontem, 14:02"; nothing where it is not known. */
function sinceSaid({ since }: WireDown, now: Instant, zone: string): string {
  if (!since) return "";
  const day = nearDay(since, now, zone);
  return ` desde ${day === "hoje" ? "" : `${day}, `}${time(since, zone)}`;
}

/** "4 segundos", "2 minutos" */
export function waitWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? "1 segundo" : `${seconds} segundos`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "1 minuto" : `${minutes} minutos`;
}

export function tryIn(seconds: number): string {
  return `Você pode tentar de novo em ${waitWords(seconds)}.`;
}
