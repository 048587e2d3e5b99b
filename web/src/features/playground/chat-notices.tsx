import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Clapperboard, GitBranch, UserRound, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { giveBack } from "@/features/playground/commands";
import { originOf } from "@/features/playground/kept";
import { Notice } from "@/features/playground/notice";
import { outcomeOf, type Played } from "@/features/playground/outcomes";
import type { Conversation, Rehearsal } from "@/features/playground/queries";
import { words } from "@/features/playground/words";
import { clinicKey } from "@/lib/clinic";

/** Where this rehearsal began, when it began from another. */
export function BranchNotice({ rehearsal, onOpen }: { rehearsal: Rehearsal; onOpen: (id: string) => void }) {
  const parent = rehearsal.parent;
  if (!parent) return null;
  const said = originOf(rehearsal.id);
  return (
    <Notice
      icon={GitBranch}
      means="waiting"
      action={
        <Button size="small" look="quiet" onClick={() => onOpen(parent)}>
          {words.branch.original}
        </Button>
      }
    >
      {said ? `${words.branch.from} “${said}”` : words.branch.fromOther}
    </Notice>
  );
}

/** A person speaks for the clinic; in a rehearsal the way back is one click. */
export function OwnerNotice({ slug, conversation }: { slug: string; conversation: Conversation }) {
  const queries = useQueryClient();
  const giving = useMutation({
    mutationFn: () => giveBack(conversation.id),
    onSuccess: () =>
      queries.invalidateQueries({ queryKey: clinicKey(slug, "conversation", conversation.id) }),
    onError: () => toast({ says: words.owner.failed, means: "urgent" }),
  });
  if (conversation.owner !== "person") return null;
  return (
    <Notice
      icon={UserRound}
      means="attention"
      action={
        <Button size="small" disabled={giving.isPending} onClick={() => giving.mutate()}>
          {words.owner.giveBack}
        </Button>
      }
    >
      {`${conversation.owner_name ?? words.owner.person} ${words.owner.took}`}
    </Notice>
  );
}

interface PlayedNoticeProps {
  played: Played;
  conversation: Pick<Conversation, "messages" | "busy" | "cases"> | undefined;
  onClose: () => void;
}

/** What a mishap came to. */
export function PlayedNotice({ played, conversation, onClose }: PlayedNoticeProps) {
  const { says, done } = outcomeOf(played, conversation);
  return (
    <Notice
      icon={Clapperboard}
      means={done ? "good" : "waiting"}
      action={
        <Button size="icon" look="quiet" aria-label={words.situations.close} onClick={onClose}>
          <X aria-hidden />
        </Button>
      }
    >
      {says}
    </Notice>
  );
}
