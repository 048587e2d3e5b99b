import type { State, Whole } from "@/features/reports/queries";

type Words = Readonly<Record<string, string>>;

/** What happened to a report, and by whose hand. */
export const steps = {
  hands: {
    worker: "Carol",
    person: "Equipe",
    clock: "Automático",
    sender: "Envio",
    source: "Origem",
  } as Words,
  became: {
    pending: "Entrou na fila",
    processing: "Começou a ser escrito",
    approved: "Aprovado",
    failed: "Não passou na conferência",
    review: "Esperando revisão",
    fallback: "Trocado pela mensagem padrão",
    sent: "Enviado",
    send_failed: "Não foi enviado",
  } satisfies Record<State, string>,
  whys: {
    timeout: "o prazo venceu",
    edited: "texto mudado",
    urgent: "algo urgente",
    corrected: "corrigido na origem",
    again: "novo envio",
  } as Words,
  edited: "Texto mudado",
} as const;

/** "Aprovado, Equipe (Bia)" */
export function stepSaid(step: Whole["steps"][number]): string {
  const who = step.by ? `${steps.hands[step.hand] ?? ""} (${step.by})` : (steps.hands[step.hand] ?? "");
  const edited = step.was === "review" && step.became === "review";
  const what = edited ? steps.edited : steps.became[step.became];
  const why = edited ? "" : steps.whys[step.why];
  return [why ? `${what}: ${why}` : what, who].filter(Boolean).join(" · ");
}
