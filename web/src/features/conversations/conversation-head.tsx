import { Link } from "@tanstack/react-router";
import { ArrowLeft, Download, ListTree } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { CaseBadge } from "@/features/conversations/case-badge";
import { nameOf } from "@/features/conversations/contact";
import { OwnerMark } from "@/features/conversations/owner-mark";
import { type Conversation, exportUrl } from "@/features/conversations/queries";
import { words } from "@/features/conversations/words";
import { phone } from "@/lib/formats";
import { personSaid } from "@/lib/person-words";
import { useNow } from "@/lib/use-now";

interface ConversationHeadProps {
  shown: Conversation;
  zone: string;
  storyOpen: boolean;
  /** Absent while there is nothing to tell. */
  onStory?: (() => void) | undefined;
  /** Taking and giving back. */
  actions: ReactNode;
  /** What else can be done about the contact. */
  more: ReactNode;
}

/** Who it is, for whom they speak, who answers, what is owed. */
export function ConversationHead({ shown, zone, storyOpen, onStory, actions, more }: ConversationHeadProps) {
  const now = useNow();
  const { contact } = shown;
  const others = contact.people.filter((one) => one.relationship !== "self" || one.name !== contact.name);
  return (
    <header className="@container grid grid-cols-[minmax(0,1fr)] gap-2 border-b border-line px-2 py-2 sm:px-4">
      <div className="flex items-center gap-2">
        <Button asChild look="quiet" size="icon" className="lg:hidden">
          <Link to="/conversas" search={({ turno: _, ...rest }) => rest} aria-label={words.back}>
            <ArrowLeft aria-hidden />
          </Link>
        </Button>
        <div className="min-w-0 grow">
          <h2 className="truncate text-title font-semibold">{nameOf(shown)}</h2>
          <p className="flex min-w-0 gap-x-2 text-small text-ink-soft">
            <OwnerMark brief={shown} className="shrink-0" />
            {contact.name ? <span className="truncate tabular-nums">{phone(contact.address)}</span> : null}
          </p>
        </div>
        <Button asChild look="quiet" size="icon" className="hidden @2xl:inline-flex">
          <a href={exportUrl(shown.id)} download aria-label={words.download} title={words.download}>
            <Download aria-hidden />
          </a>
        </Button>
        {onStory ? (
          <Button
            look="quiet"
            size="icon"
            aria-label={words.story}
            title={words.story}
            aria-pressed={storyOpen}
            className="aria-pressed:bg-accent-soft aria-pressed:text-accent-strong"
            onClick={onStory}
          >
            <ListTree aria-hidden />
          </Button>
        ) : null}
        {more}
        <div className="flex gap-2 max-sm:hidden">{actions}</div>
      </div>
      <div className="flex gap-2 *:grow *:basis-0 *:px-2 sm:hidden">{actions}</div>
      {others.length ? (
        <p className="truncate text-small text-ink-soft max-sm:px-2">
          {`${words.people} ${others.map((one) => personSaid(one.name, one.relationship)).join(", ")}`}
        </p>
      ) : null}
      {shown.cases.length ? (
        <p className="flex min-w-0 flex-wrap gap-2 max-sm:px-2">
          {shown.cases.map((one) => (
            <CaseBadge key={one.case} one={one} now={now} zone={zone} />
          ))}
        </p>
      ) : null}
    </header>
  );
}
