import { useMutation, useQuery } from "@tanstack/react-query";
import { Download, Ellipsis, GitBranch, List, RotateCcw } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toast";
import { exportConversation } from "@/features/playground/commands";
import { type Rehearsal, rehearsalsQuery } from "@/features/playground/queries";
import { words } from "@/features/playground/words";
import { useClinic } from "@/lib/clinic";
import { phone as asPhone, dayAndTime } from "@/lib/formats";

interface MoreMenuProps {
  rehearsal: string;
  conversation: string | null;
  onRestart: () => void;
  onOpen: (rehearsal: string) => void;
}

/** A fresh rehearsal, the conversation as a file, the other rehearsals. */
export function MoreMenu({ rehearsal, conversation, onRestart, onOpen }: MoreMenuProps) {
  const [listing, setListing] = useState(false);
  const exporting = useMutation({
    mutationFn: exportConversation,
    onError: () => toast({ says: words.more.exportFailed, means: "urgent" }),
  });
  return (
    <>
      <Menu>
        <MenuTrigger>
          <Button size="icon" look="plain" aria-label={words.more.button}>
            <Ellipsis aria-hidden />
          </Button>
        </MenuTrigger>
        <MenuContent align="end">
          <MenuItem onSelect={onRestart}>
            <RotateCcw aria-hidden />
            {words.restart}
          </MenuItem>
          <MenuItem
            onSelect={() =>
              conversation ? exporting.mutate(conversation) : toast({ says: words.more.exportEmpty })
            }
          >
            <Download aria-hidden />
            {words.more.export}
          </MenuItem>
          <MenuItem onSelect={() => setListing(true)}>
            <List aria-hidden />
            {words.more.list}
          </MenuItem>
        </MenuContent>
      </Menu>
      <Sheet open={listing} onOpenChange={setListing} title={words.more.list} about={words.more.listAbout}>
        <Rehearsals
          current={rehearsal}
          onOpen={(id) => {
            setListing(false);
            onOpen(id);
          }}
        />
      </Sheet>
    </>
  );
}

function Rehearsals({ current, onOpen }: { current: string; onOpen: (id: string) => void }) {
  const clinic = useClinic();
  const found = useQuery(rehearsalsQuery(clinic.slug));
  if (found.isError) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) {
    return (
      <Loading className="grid gap-4 pt-2">
        <Skeleton className="h-10" />
        <Skeleton className="h-10" />
      </Loading>
    );
  }
  return (
    <ul className="grid gap-1">
      {found.data.map((one) => (
        <li key={one.id}>
          <button
            type="button"
            aria-current={one.id === current}
            onClick={() => onOpen(one.id)}
            className="flex min-h-12 w-full items-center gap-2 rounded-md px-2 py-1.5 text-left -outline-offset-2 hover:bg-hover aria-current:bg-hover"
          >
            <span className="grid min-w-0 grow">
              <time dateTime={one.created_at}>{dayAndTime(one.created_at, clinic.timezone, Date.now())}</time>
              <span className="truncate text-small text-ink-soft">{who(one)}</span>
            </span>
            {one.parent ? (
              <Badge>
                <GitBranch aria-hidden />
                {words.more.branch}
              </Badge>
            ) : null}
            {one.id === current ? <Badge means="accent">{words.more.this}</Badge> : null}
          </button>
        </li>
      ))}
    </ul>
  );
}

function who(one: Rehearsal): string {
  const names = one.conversations.map((talk) => talk.name || asPhone(talk.person));
  return names.join(", ") || words.more.noTalk;
}
