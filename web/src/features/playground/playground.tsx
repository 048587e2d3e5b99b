import { Theater } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { words } from "@/features/playground/words";

export function Playground() {
  return (
    <Page title={words.title}>
      <EmptyState icon={Theater} title={words.empty} />
    </Page>
  );
}
