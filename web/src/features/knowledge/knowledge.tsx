import { BookOpen } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { words } from "@/features/knowledge/words";

export function Knowledge() {
  return (
    <Page title={words.title}>
      <EmptyState icon={BookOpen} title={words.empty} />
    </Page>
  );
}
