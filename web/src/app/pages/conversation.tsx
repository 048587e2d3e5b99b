import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, ClipboardCheck, X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { MenuItem } from "@/components/ui/menu";
import { ScrollArea } from "@/components/ui/scroll-area";
import { ProofDialog } from "@/features/agenda/proof-dialog";
import { ContactMenu } from "@/features/contacts/contact-menu";
import { ConversationView } from "@/features/conversations/conversation-view";
import { conversationQuery } from "@/features/conversations/queries";
import { ReceiptDialog } from "@/features/conversations/receipt-dialog";
import { words } from "@/features/conversations/words";
import { words as evals } from "@/features/evals/own-words";
import { TurnStory } from "@/features/story/turn-story";
import { useClinic } from "@/lib/clinic";
import { cn } from "@/lib/cn";

/** /conversas/…: a conversation, and the story of the turn that the address names. On a phone one takes the other's place. */
export function ConversationPage() {
  const { slug } = useClinic();
  const { conversa } = useParams({ from: "/frame/conversas/$conversa" });
  const { turno } = useSearch({ from: "/frame/conversas/$conversa" });
  const navigate = useNavigate({ from: "/conversas/$conversa" });
  const [receipt, setReceipt] = useState<string>();

  function select(turn: string | undefined): void {
    void navigate({
      search: ({ turno: _, ...rest }) => ({ ...rest, ...(turn ? { turno: turn } : {}) }),
      replace: turno !== undefined && turn !== undefined,
    });
  }

  return (
    <>
      <div className={cn("min-h-0 min-w-0 grow", turno && "max-xl:hidden")}>
        <ConversationView
          id={conversa}
          selectedTurn={turno}
          onTurn={select}
          onReceipt={setReceipt}
          more={(contact) => (
            <ContactMenu
              contact={contact}
              more={
                <MenuItem asChild>
                  <Link
                    to="/provas/nova"
                    search={({ clinica }) => ({ ...(clinica ? { clinica } : {}), conversa })}
                  >
                    <ClipboardCheck aria-hidden />
                    {evals.menu}
                  </Link>
                </MenuItem>
              }
            />
          )}
        />
      </div>
      {turno ? (
        <aside
          aria-label={words.story}
          className="flex min-h-0 w-full min-w-0 flex-col xl:w-88 xl:shrink-0 xl:border-l xl:border-line"
        >
          <header className="flex min-h-14 items-center gap-1 border-b border-line px-2">
            <Button
              look="quiet"
              size="icon"
              className="xl:hidden"
              aria-label={words.backToChat}
              onClick={() => select(undefined)}
            >
              <ArrowLeft aria-hidden />
            </Button>
            <h2 className="min-w-0 grow truncate px-2 text-title font-semibold">{words.story}</h2>
            <Button
              look="quiet"
              size="icon"
              className="max-xl:hidden"
              aria-label={words.hideStory}
              onClick={() => select(undefined)}
            >
              <X aria-hidden />
            </Button>
          </header>
          <ScrollArea label={words.storySteps} className="grow">
            <TurnStory slug={slug} conversationId={conversa} turnId={turno} onReceipt={setReceipt} />
          </ScrollArea>
        </aside>
      ) : null}
      <Behind conversation={conversa} receipt={receipt} onClose={() => setReceipt(undefined)} />
    </>
  );
}

interface BehindProps {
  conversation: string;
  receipt: string | undefined;
  onClose: () => void;
}

/** What stands behind a receipt: the item in the agenda, or what else was registered. */
function Behind({ conversation, receipt, onClose }: BehindProps) {
  const { slug, timezone } = useClinic();
  const { data } = useInfiniteQuery(conversationQuery(slug, conversation));
  if (!receipt) return null;
  const found = data?.pages.flatMap((page) => page.receipts).find((one) => one.id === receipt) ?? null;
  const kind = { appointment: "visit", hold: "hold" }[found?.entity ?? ""] as "visit" | "hold" | undefined;
  if (!kind || !found?.entity_id)
    return <ReceiptDialog receipt={found} zone={timezone} open onClose={onClose} />;
  return (
    <ProofDialog
      slug={slug}
      zone={timezone}
      kind={kind}
      id={found.entity_id}
      open
      onOpenChange={(open) => open || onClose()}
      conversationLink={(id, label) =>
        id === conversation ? null : (
          <Link
            to="/conversas/$conversa"
            params={{ conversa: id }}
            search={({ turno: _, ...rest }) => rest}
            onClick={onClose}
            className="text-accent underline underline-offset-4"
          >
            {label}
          </Link>
        )
      }
    />
  );
}
