import { Link } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { words } from "@/app/words";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

export function NotFound() {
  return (
    <main>
      <title>{`${words.notFound.title} · ${words.product}`}</title>
      <EmptyState
        heading
        icon={SearchX}
        title={words.notFound.title}
        about={words.notFound.about}
        action={
          <Button asChild look="primary">
            <Link to="/ensaio">{words.notFound.home}</Link>
          </Button>
        }
      />
    </main>
  );
}
