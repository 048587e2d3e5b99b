import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { besideQuery, type Show, trialQuery } from "@/features/evals/queries";
import { placeSaid, words } from "@/features/evals/trial-words";
import { useClinic } from "@/lib/clinic";

interface TrialStepsProps {
  run: string;
  id: string;
  show: Show;
  suite: string | undefined;
}

const typing = "input, textarea, select, [contenteditable], [role=dialog] *, [role=listbox] *";

/** To the trials before and after this one, in the list it was opened from; k and j do the same. */
export function TrialSteps({ run, id, show, suite }: TrialStepsProps) {
  const { slug } = useClinic();
  const queries = useQueryClient();
  const navigate = useNavigate({ from: "/provas/$rodada/$vez" });
  const { data } = useQuery(besideQuery(slug, run, id, show, suite));
  const { previous = null, next = null } = data ?? {};

  function go(to: string | null): void {
    if (!to) return;
    void navigate({
      params: { rodada: run, vez: to },
      search: ({ fala: _, ...rest }) => rest,
      replace: true,
      resetScroll: false,
    });
  }

  useEffect(() => {
    if (!next) return;
    void queries.prefetchQuery(trialQuery(slug, run, next));
    void queries.prefetchQuery(besideQuery(slug, run, next, show, suite));
  }, [queries, slug, run, next, show, suite]);

  const press = useRef<(event: KeyboardEvent) => void>(() => undefined);
  press.current = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest?.(typing)) return;
    if (event.key === "j") go(next);
    if (event.key === "k") go(previous);
  };
  useEffect(() => {
    const hear = (event: KeyboardEvent) => press.current(event);
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);

  if (!data || data.of < 2) return null;
  return (
    <nav aria-label={words.steps} className="flex items-center gap-1">
      {data.place ? (
        <span className="text-small whitespace-nowrap text-ink-soft tabular-nums">
          {placeSaid(data.place, data.of)}
        </span>
      ) : null}
      <Button
        look="quiet"
        size="icon"
        aria-label={words.previous}
        aria-keyshortcuts="k"
        title={words.previousKey}
        disabled={!previous}
        onClick={() => go(previous)}
      >
        <ChevronLeft aria-hidden />
      </Button>
      <Button
        look="quiet"
        size="icon"
        aria-label={words.next}
        aria-keyshortcuts="j"
        title={words.nextKey}
        disabled={!next}
        onClick={() => go(next)}
      >
        <ChevronRight aria-hidden />
      </Button>
    </nav>
  );
}
