import { CalendarDays } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { words } from "@/features/agenda/words";

export function Agenda() {
  return (
    <Page title={words.title}>
      <EmptyState icon={CalendarDays} title={words.empty} />
    </Page>
  );
}
