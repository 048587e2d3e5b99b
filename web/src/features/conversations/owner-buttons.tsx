import { ConciergeBell, UserRoundCheck } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { Acts } from "@/features/conversations/use-acts";
import { words } from "@/features/conversations/words";

/** Taking the conversation, from Carol or from someone else; giving it back. */
export function OwnerButtons({ acts, owner }: { acts: Acts; owner: "carol" | "person" }) {
  return (
    <>
      {owner === "person" ? (
        <Button disabled={acts.busy} onClick={acts.giveBack}>
          <ConciergeBell aria-hidden />
          {words.giveBack}
        </Button>
      ) : null}
      {acts.mine ? null : (
        <Button
          look={owner === "carol" ? "primary" : "plain"}
          disabled={acts.busy}
          onClick={() => acts.ask("take")}
        >
          <UserRoundCheck aria-hidden />
          {words.take}
        </Button>
      )}
    </>
  );
}
