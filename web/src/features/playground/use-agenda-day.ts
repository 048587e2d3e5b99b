import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { client } from "@/client/client";
import { dayIn, lastDay } from "@/features/playground/agenda-day";
import type { Talk } from "@/features/playground/use-talk";
import { got } from "@/lib/api";
import { clinicKey, useClinic } from "@/lib/clinic";
import { type Instant, isoDay } from "@/lib/formats";

/** The day the agenda should show: of what the turn in sight looked at or did, else of the last thing done, else today. */
export function useAgendaDay(slug: string, talk: Talk, turnId: string | null, now: Instant): string {
  const zone = useClinic().timezone;
  const turn = useQuery({
    queryKey: clinicKey(slug, "turn", turnId ?? ""),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/conversations/{conversation_id}/turns/{turn_id}", {
          params: { path: { conversation_id: talk.id ?? "", turn_id: turnId ?? "" } },
          signal,
        }),
      ),
    enabled: talk.id !== null && turnId !== null,
  });
  const looked = dayIn(turn.data?.steps.map((step) => step.result).reverse());
  // A turn that speaks of no day leaves the agenda where it was.
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (looked) last.current = looked;
  }, [looked]);
  return looked ?? last.current ?? lastDay(talk.receipts) ?? isoDay(now, zone);
}
