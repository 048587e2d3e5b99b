import { useState } from "react";
import type { Conversation } from "@/features/conversations/queries";
import { replies } from "@/features/conversations/replies";
import { useOwner } from "@/features/conversations/use-owner";
import { words } from "@/features/conversations/words";
import { useDraft } from "@/lib/draft";
import { sameName, signAs, useSignature } from "@/lib/signature";

/** What a person asked to do. It waits while they are asked how they sign. */
type Act = "take" | "reply" | "sign";

/** What staff do in a conversation: take it, answer it, give it back, each under their name. */
export function useActs(clinic: string, shown: Conversation) {
  const { id } = shown;
  const signature = useSignature();
  const [draft, setDraft] = useDraft(`conversation.${id}`);
  const [waiting, setWaiting] = useState<Act>();
  const [giving, setGiving] = useState(false);
  const { taking, giving: returning } = useOwner(clinic, id);

  function act(what: Act, by: string): void {
    if (what === "take") taking.mutate(by);
    if (what === "reply") {
      replies.say(id, draft, by);
      setDraft("");
    }
  }

  function back(brief: string, resolve: boolean): void {
    setGiving(false);
    returning.mutate({ by: signature || shown.owner_name || words.team, brief, resolve });
  }

  return {
    signature,
    draft,
    setDraft,
    mine: shown.owner === "person" && sameName(shown.owner_name, signature),
    busy: taking.isPending || returning.isPending,
    ask: (what: Act) => (signature && what !== "sign" ? act(what, signature) : setWaiting(what)),
    signing: {
      open: waiting !== undefined,
      name: signature,
      onCancel: () => setWaiting(undefined),
      onSign: (name: string) => {
        signAs(name);
        if (waiting) act(waiting, name);
        setWaiting(undefined);
      },
    },
    /** Asks first what she should know, and whether open cases are done. */
    giveBack: () => setGiving(true),
    giving: { open: giving, cases: shown.cases, onCancel: () => setGiving(false), onConfirm: back },
  };
}

export type Acts = ReturnType<typeof useActs>;
