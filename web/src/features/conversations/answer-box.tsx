import { Composer } from "@/components/chat/composer";
import { Button } from "@/components/ui/button";
import type { Conversation } from "@/features/conversations/queries";
import type { Acts } from "@/features/conversations/use-acts";
import { repliesNow, words } from "@/features/conversations/words";
import { cn } from "@/lib/cn";

/** Whose the conversation is, and what an answer changes, said before one writes. */
function standing({ owner, owner_name }: Conversation, mine: boolean): string[] {
  if (owner === "carol") return [words.replyTakes];
  if (mine) return [words.mine];
  return [owner_name ? repliesNow(owner_name) : words.byPhone, words.replyTakesOver];
}

/** Where a person of the clinic answers. */
export function AnswerBox({ shown, acts }: { shown: Conversation; acts: Acts }) {
  const [says, note] = standing(shown, acts.mine);
  return (
    <div className="border-t border-line [&>form]:border-t-0 [&>form]:pt-1">
      <div className="flex flex-wrap items-center gap-x-2 px-3 pt-2 text-small text-ink-soft">
        <p role="status" className={cn(shown.owner === "person" && "font-medium text-waiting")}>
          {says}
        </p>
        {note ? <p>{note}</p> : null}
        {acts.signature ? (
          <p className="flex items-center gap-1">
            {words.signs(acts.signature)}
            <Button look="link" size="small" className="h-6 px-0" onClick={() => acts.ask("sign")}>
              {words.change}
            </Button>
          </p>
        ) : null}
      </div>
      <Composer
        text={acts.draft}
        onText={acts.setDraft}
        onSend={() => acts.ask("reply")}
        label={words.placeholder}
        placeholder={words.placeholder}
      />
    </div>
  );
}
