import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCcw, Timer } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import type { Address, Go } from "@/features/playground/address";
import { Chat } from "@/features/playground/chat";
import { BranchNotice, OwnerNotice, PlayedNotice } from "@/features/playground/chat-notices";
import { ClockControl } from "@/features/playground/clock-control";
import { useBegin } from "@/features/playground/entrance";
import { modelKey } from "@/features/playground/kept";
import { ModelSelect } from "@/features/playground/model-select";
import { MoreMenu } from "@/features/playground/more-menu";
import { Notice } from "@/features/playground/notice";
import type { Played } from "@/features/playground/outcomes";
import { Panels } from "@/features/playground/panels";
import { freshNumber } from "@/features/playground/people";
import { type Rehearsal, talksQuery } from "@/features/playground/queries";
import { ReceiptDialog } from "@/features/playground/receipt-dialog";
import { Situations } from "@/features/playground/situations";
import { useAgendaDay } from "@/features/playground/use-agenda-day";
import { useBranch } from "@/features/playground/use-branch";
import { useClock } from "@/features/playground/use-clock";
import { useOutbox } from "@/features/playground/use-outbox";
import { useTalk } from "@/features/playground/use-talk";
import { words } from "@/features/playground/words";
import { clinicKey, useClinic } from "@/lib/clinic";
import { useDraft } from "@/lib/draft";
import { dayAndTime } from "@/lib/formats";
import { useLive } from "@/lib/live";

/** What other features show beside the chat; the page brings them. */
export interface Beside {
  story: (about: {
    slug: string;
    conversationId: string | null;
    turnId: string | null;
    onReceipt: (receipt: string) => void;
  }) => ReactNode;
  agenda: (about: {
    slug: string;
    day: string;
    onDay: (day: string) => void;
    /** The rehearsal's clock, when it is not the real one. */
    at: string | undefined;
  }) => ReactNode;
  proof: (about: { slug: string; kind: "visit" | "hold"; id: string; onClose: () => void }) => ReactNode;
}

interface RoomProps {
  rehearsal: Rehearsal;
  address: Address;
  go: Go;
  beside: Beside;
}

/** A rehearsal: the phone on the left, what Carol does and the agenda beside it. */
export function Room({ rehearsal, address, go, beside }: RoomProps) {
  const zone = useClinic().timezone;
  const queries = useQueryClient();
  useLive(rehearsal.slug);
  const talks = useQuery(talksQuery(rehearsal));
  const person = usePerson(address, talks.data, go);
  const talk = useTalk(rehearsal, person);
  const clock = useClock(rehearsal.id);
  const [model, setModel] = useDraft(modelKey(rehearsal.id));
  const [played, setPlayed] = useState<Played | null>(null);
  const [receipt, setReceipt] = useState<string | null>(null);
  const beginning = useBegin(go, person);
  const branching = useBranch(rehearsal, go);
  const refresh = useCallback((): void => {
    for (const area of ["conversations", "conversation"])
      void queries.invalidateQueries({ queryKey: clinicKey(rehearsal.slug, area) });
  }, [queries, rehearsal.slug]);
  const outbox = useOutbox(rehearsal.id, refresh);
  const turn = address.turn ?? talk.newestTurn;
  const day = useAgendaDay(rehearsal.slug, talk, turn, clock.now);
  const voice = () => ({ person, at: clock.stamp(), model: model || null });
  const open = (id: string) => go({ rehearsal: id, person: null, turn: null, day: null });

  return (
    <div className="flex h-full min-h-0 flex-col gap-3 px-4 pb-3 sm:px-6 sm:pb-4">
      <title>{`${words.title} · Carol`}</title>
      <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-2 pt-2">
        <h1 className="grow text-page font-semibold tracking-tight">{words.title}</h1>
        <Situations
          rehearsal={rehearsal.id}
          voice={voice}
          onPlayed={(next) => {
            setPlayed(next);
            go({ turn: null, day: null }, { replace: true });
            refresh();
          }}
        />
        <ClockControl clock={clock} zone={zone} />
        <ModelSelect chosen={model} onChoose={setModel} />
        <MoreMenu
          rehearsal={rehearsal.id}
          conversation={talk.id}
          onRestart={() => beginning.mutate()}
          onOpen={open}
        />
      </header>
      {rehearsal.stale || clock.set ? (
        <div className="grid shrink-0 overflow-hidden rounded-md">
          {rehearsal.stale ? (
            <Notice
              icon={RefreshCcw}
              means="attention"
              action={
                <Button size="small" disabled={beginning.isPending} onClick={() => beginning.mutate()}>
                  {words.restart}
                </Button>
              }
            >
              {words.stale}
            </Notice>
          ) : null}
          {clock.set ? (
            <Notice
              icon={Timer}
              means="attention"
              action={
                <Button size="small" onClick={() => clock.change(null)}>
                  {words.clock.back}
                </Button>
              }
            >
              {`${words.clock.pretending} `}
              <time dateTime={new Date(clock.now).toISOString()} className="font-medium">
                {dayAndTime(clock.now, zone, Date.now())}
              </time>
            </Notice>
          ) : null}
        </div>
      ) : null}
      <Panels
        news={
          talk.pending
            ? null
            : {
                of: person,
                chat: talk.messages.at(-1)?.id ?? "",
                story: talk.newestTurn ?? "",
                agenda: `${talk.receipts.length}`,
              }
        }
        chat={
          <Chat
            rehearsal={rehearsal}
            person={person}
            talk={talk}
            outbox={outbox}
            clock={clock}
            voice={voice}
            selectedTurn={address.turn}
            branching={branching.isPending}
            onPerson={(next) => go({ person: next, turn: null })}
            onSelectTurn={(next) => go({ turn: next === address.turn ? null : next }, { replace: true })}
            onReceipt={setReceipt}
            onBack={(at, other) =>
              talk.id && branching.mutate({ conversation: talk.id, turn: at, model: other })
            }
            onSaid={() => go({ turn: null, day: null }, { replace: true })}
            notices={
              <>
                <BranchNotice rehearsal={rehearsal} onOpen={open} />
                {talk.newest ? <OwnerNotice slug={rehearsal.slug} conversation={talk.newest} /> : null}
                {played ? (
                  <PlayedNotice played={played} conversation={talk.newest} onClose={() => setPlayed(null)} />
                ) : null}
              </>
            }
          />
        }
        story={beside.story({
          slug: rehearsal.slug,
          conversationId: talk.id,
          turnId: turn,
          onReceipt: setReceipt,
        })}
        agenda={beside.agenda({
          slug: rehearsal.slug,
          day: address.day ?? day,
          onDay: (next) => go({ day: next }, { replace: true }),
          at: clock.set ? new Date(clock.now).toISOString() : undefined,
        })}
      />
      <ReceiptDialog
        slug={rehearsal.slug}
        id={receipt}
        receipts={talk.receipts}
        proof={beside.proof}
        onClose={() => setReceipt(null)}
      />
    </div>
  );
}

/** Who one is: whom the address says, else who spoke last here, else someone new; the address then says so. */
function usePerson(address: Address, talks: Rehearsal["conversations"], go: Go): string {
  const [fresh] = useState(freshNumber);
  const last = talks.reduce<Rehearsal["conversations"][number] | null>(
    (newest, one) => ((newest?.last_at ?? "") > (one.last_at ?? "") ? newest : one),
    null,
  );
  const person = address.person ?? last?.person ?? fresh;
  useEffect(() => {
    if (!address.person) go({ person }, { replace: true });
  }, [address.person, person, go]);
  return person;
}
