import { useInfiniteQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { Transcript } from "@/components/chat/transcript";
import { SignDialog } from "@/components/sign-dialog";
import { AnswerBox } from "@/features/conversations/answer-box";
import { nameOf } from "@/features/conversations/contact";
import { ConversationHead } from "@/features/conversations/conversation-head";
import { GiveBackDialog } from "@/features/conversations/give-back-dialog";
import { GivenUp } from "@/features/conversations/given-up";
import { OwnerButtons } from "@/features/conversations/owner-buttons";
import { type Conversation, conversationQuery, joined, mediaUrl } from "@/features/conversations/queries";
import { replies } from "@/features/conversations/replies";
import { TranscriptSkeleton, Unopened } from "@/features/conversations/unopened";
import { useActs } from "@/features/conversations/use-acts";
import { useReplies } from "@/features/conversations/use-replies";
import { words } from "@/features/conversations/words";
import { useClinic } from "@/lib/clinic";
import { useNow } from "@/lib/use-now";

interface ConversationViewProps {
  id: string;
  selectedTurn: string | undefined;
  /** Opens the story of a turn; undefined closes it. */
  onTurn: (turn: string | undefined) => void;
  /** Opens what stands behind a receipt, by its id. */
  onReceipt: (receipt: string) => void;
  /** What else can be done about the contact, beside answering. */
  more: (contact: { id: string; name: string }) => ReactNode;
}

/** A conversation as staff see it: who, what was said, and where to answer. */
export function ConversationView({ id, ...rest }: ConversationViewProps) {
  const { slug } = useClinic();
  const query = useInfiniteQuery(conversationQuery(slug, id));
  const shown = useMemo(() => (query.data ? joined(query.data.pages) : undefined), [query.data]);
  // It became part of another conversation of the same human.
  if (shown && shown.id !== id)
    return (
      <Navigate to="/conversas/$conversa" params={{ conversa: shown.id }} search={(kept) => kept} replace />
    );
  if (shown && shown.clinic !== slug) return <Unopened error={null} onRetry={() => void query.refetch()} />;
  if (shown)
    return (
      <Shown
        key={id}
        shown={shown}
        onEarlier={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
        earlierLoading={query.isFetchingNextPage}
        {...rest}
      />
    );
  if (query.isError) return <Unopened error={query.error} onRetry={() => void query.refetch()} />;
  return <TranscriptSkeleton />;
}

type ShownProps = Omit<ConversationViewProps, "id"> & {
  shown: Conversation;
  onEarlier: (() => void) | undefined;
  earlierLoading: boolean;
};

function Shown({ shown, selectedTurn, onTurn, onReceipt, more, onEarlier, earlierLoading }: ShownProps) {
  const { slug, timezone: zone } = useClinic();
  const now = useNow();
  const acts = useActs(slug, shown);
  const unsent = useReplies(slug, shown.id, shown.messages);
  const newest = shown.turns.at(-1)?.id;
  const name = nameOf(shown);
  return (
    <section aria-label={words.with(name)} className="flex h-full min-h-0 min-w-0 grow flex-col">
      <title>{`${name} · ${words.title} · Carol`}</title>
      <ConversationHead
        shown={shown}
        zone={zone}
        storyOpen={selectedTurn !== undefined}
        onStory={newest ? () => onTurn(selectedTurn ? undefined : newest) : undefined}
        actions={<OwnerButtons acts={acts} owner={shown.owner} />}
        more={more({ id: shown.contact.id, name })}
      />
      {shown.stuck ? <GivenUp clinic={slug} shown={shown} /> : null}
      <Transcript
        className="grow"
        label={words.transcript(name)}
        lines={shown.messages}
        side="clinic"
        zone={zone}
        now={shown.clock_at ?? now}
        mediaUrl={(media) => mediaUrl(slug, media)}
        unsent={unsent}
        onRetry={(one) => replies.retry(one)}
        onDiscard={(one) => replies.discard(one)}
        typing={shown.busy && shown.owner === "carol"}
        selectedTurn={selectedTurn}
        onSelectTurn={onTurn}
        onReceipt={onReceipt}
        onEarlier={onEarlier}
        earlierLoading={earlierLoading}
        empty={<p className="py-12 text-center text-ink-soft">{words.none.messages}</p>}
      />
      <AnswerBox shown={shown} acts={acts} />
      <SignDialog {...acts.signing} />
      <GiveBackDialog {...acts.giving} />
    </section>
  );
}
