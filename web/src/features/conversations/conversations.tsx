import { MessagesSquare } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { words } from "@/features/conversations/words";

export function Conversations() {
  return (
    <Page title={words.title}>
      <EmptyState icon={MessagesSquare} title={words.empty} />
    </Page>
  );
}
