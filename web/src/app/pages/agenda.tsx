import { Agenda } from "@/features/agenda/agenda";

export function AgendaPage() {
  return <Agenda />;
}
