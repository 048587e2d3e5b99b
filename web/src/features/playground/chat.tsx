import { type ReactNode, useEffect, useRef } from "react";
import { Composer } from "@/components/chat/composer";
import { Transcript } from "@/components/chat/transcript";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import type { Voice } from "@/features/playground/commands";
import { wordsKey } from "@/features/playground/kept";
import { LineMenu } from "@/features/playground/line-menu";
import type { Outbox } from "@/features/playground/outbox";
import { Persona } from "@/features/playground/persona";
import type { Rehearsal } from "@/features/playground/queries";
import type { Clock } from "@/features/playground/use-clock";
import type { Talk } from "@/features/playground/use-talk";
import { words } from "@/features/playground/words";
import { useClinic } from "@/lib/clinic";
import { useDraft } from "@/lib/draft";

export interface ChatProps {
  rehearsal: Rehearsal;
  person: string;
  talk: Talk;
  outbox: Outbox;
  clock: Clock;
  voice: () => Voice;
  selectedTurn: string | null;
  branching: boolean;
  onPerson: (person: string) => void;
  onSelectTurn: (turn: string) => void;
  onReceipt: (receipt: string) => void;
  onBack: (turn: string, model?: string) => void;
  onSaid: () => void;
  /** What stays in sight above the messages. */
  notices: ReactNode;
}

/** The phone the patient holds. */
export function Chat(props: ChatProps) {
  const { rehearsal, person, talk, outbox, clock, voice } = props;
  const zone = useClinic().timezone;
  const [text, setText] = useDraft(wordsKey(rehearsal.id, person));
  const box = useRef<HTMLTextAreaElement>(null);
  const shown = new Set(talk.messages.map((line) => line.id));
  const unsent = outbox.parcels.filter(
    (parcel) => parcel.voice.person === person && !(parcel.stored && shown.has(parcel.stored)),
  );
  useEffect(() => outbox.settle(new Set(talk.messages.map((line) => line.id))), [outbox, talk.messages]);

  function send(said: string, file?: File): void {
    const how = voice();
    outbox.add(
      {
        id: crypto.randomUUID(),
        text: said,
        at: how.at ?? new Date().toISOString(),
        voice: how,
        ...(file ? { file: file.name } : {}),
      },
      file,
    );
    props.onSaid();
    box.current?.focus({ preventScroll: true });
  }

  return (
    <section
      aria-label={words.panels.chat}
      className="flex min-h-0 flex-col overflow-hidden rounded-lg border border-line bg-sunken"
    >
      <div className="bg-surface">
        <Persona
          rehearsal={rehearsal}
          person={person}
          known={talk.newest?.contact.name ?? ""}
          onChoose={props.onPerson}
        />
        {props.notices}
      </div>
      {talk.error ? (
        <ErrorState
          error={talk.error}
          title={words.chat.failed}
          onRetry={talk.retry}
          className="min-h-0 grow overflow-y-auto"
        />
      ) : talk.pending && unsent.length === 0 ? (
        <ChatSkeleton />
      ) : (
        <Transcript
          key={person}
          className="grow"
          label={words.chat.label}
          side="patient"
          lines={talk.messages}
          zone={zone}
          now={clock.now}
          mediaUrl={(id) => `/api/media/${id}?clinic=${encodeURIComponent(rehearsal.slug)}`}
          unsent={unsent}
          onRetry={(id) => outbox.retry(id)}
          onDiscard={(id) => outbox.discard(id)}
          typing={talk.newest?.busy ?? false}
          selectedTurn={props.selectedTurn}
          onSelectTurn={props.onSelectTurn}
          onReceipt={props.onReceipt}
          onEarlier={talk.onEarlier}
          earlierLoading={talk.earlierLoading}
          actionsOf={(line) =>
            line.author === "patient" && line.turn ? (
              <LineMenu busy={props.branching} onBack={(model) => props.onBack(line.turn ?? "", model)} />
            ) : null
          }
          empty={<p className="m-auto max-w-64 py-8 text-center text-ink-soft">{words.chat.empty}</p>}
        />
      )}
      <div className="bg-surface">
        <Composer
          key={person}
          text={text}
          onText={setText}
          onSend={(said) => {
            send(said);
            if (said === text) setText("");
          }}
          onFiles={(files) => {
            for (const file of files) send("", file);
          }}
          quickReplies={talk.id || unsent.length ? talk.newest?.quick_replies : words.chat.starters}
          placeholder={words.chat.placeholder}
          sendLabel={words.chat.send}
          box={box}
        />
      </div>
    </section>
  );
}

const bubbles = ["w-40", "ml-auto w-48", "w-56", "ml-auto w-32"];

function ChatSkeleton() {
  return (
    <Loading className="flex min-h-0 grow flex-col justify-end gap-3 p-3">
      {bubbles.map((width) => (
        <Skeleton key={width} className={`h-10 ${width}`} />
      ))}
    </Loading>
  );
}
