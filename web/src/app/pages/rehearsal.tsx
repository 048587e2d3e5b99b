import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import type { Go } from "@/features/playground/address";
import { Playground } from "@/features/playground/playground";
import type { Beside } from "@/features/playground/room";
import { words } from "@/features/playground/words";
import { useClinic } from "@/lib/clinic";

const TurnStory = lazy(() =>
  import("@/features/story/turn-story").then((found) => ({ default: found.TurnStory })),
);
const DayAgenda = lazy(() =>
  import("@/features/agenda/day-agenda").then((found) => ({ default: found.DayAgenda })),
);
const ProofDialog = lazy(() =>
  import("@/features/agenda/proof-dialog").then((found) => ({ default: found.ProofDialog })),
);

function useBeside(zone: string): Beside {
  return useMemo(
    () => ({
      story: ({ slug, conversationId, turnId, onReceipt }) =>
        conversationId && turnId ? (
          <Suspense>
            <TurnStory slug={slug} conversationId={conversationId} turnId={turnId} onReceipt={onReceipt} />
          </Suspense>
        ) : (
          <EmptyState title={words.storyEmpty.title} about={words.storyEmpty.about} />
        ),
      agenda: (about) => (
        <div className="h-full p-2">
          <Suspense>
            <DayAgenda compact {...about} />
          </Suspense>
        </div>
      ),
      proof: ({ onClose, ...about }) => (
        <Suspense>
          <ProofDialog open zone={zone} onOpenChange={(open) => open || onClose()} {...about} />
        </Suspense>
      ),
    }),
    [zone],
  );
}

/** The playground with the story of the turn and the agenda beside it; the address says what is open. */
export function RehearsalPage() {
  const clinic = useClinic();
  const { ensaio } = useParams({ strict: false });
  const { clinica, pessoa, turno, dia } = useSearch({ strict: false });
  const navigate = useNavigate();
  const beside = useBeside(clinic.timezone);
  const address = {
    rehearsal: ensaio ?? null,
    person: pessoa ?? null,
    turn: turno ?? null,
    day: dia ?? null,
  };

  const go: Go = useCallback(
    (next, how) => {
      const { rehearsal = ensaio, person = pessoa, turn = turno, day = dia } = next;
      if (!rehearsal) return;
      void navigate({
        to: "/ensaio/$ensaio",
        params: { ensaio: rehearsal },
        search: (before) => ({
          ...(before.clinica ? { clinica: before.clinica } : {}),
          ...(person ? { pessoa: person } : {}),
          ...(turn ? { turno: turn } : {}),
          ...(day ? { dia: day } : {}),
        }),
        replace: how?.replace ?? false,
      });
    },
    [navigate, ensaio, pessoa, turno, dia],
  );

  // A link to a rehearsal is about its clinic; another clinic chosen by hand leaves the rehearsal.
  const onOtherClinic = useCallback(
    (slug: string): void => {
      if (clinica) void navigate({ to: "/ensaio", search: { clinica }, replace: true });
      else void navigate({ to: ".", search: (before) => ({ ...before, clinica: slug }), replace: true });
    },
    [navigate, clinica],
  );

  return <Playground address={address} go={go} onOtherClinic={onOtherClinic} beside={beside} />;
}
