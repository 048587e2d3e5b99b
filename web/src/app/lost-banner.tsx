import { CloudOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { words } from "@/app/words";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { connection, useLost } from "@/lib/connection";

/** Says that the server cannot be reached, for as long as that is so, and says once when it is back. */
export function LostBanner() {
  const lost = useLost();
  const was = useRef(false);
  useEffect(() => {
    if (was.current && !lost) toast({ says: words.lost.found, means: "good" });
    was.current = lost;
  }, [lost]);
  return (
    <div role="status" aria-live="assertive">
      {lost ? (
        <div className="flex items-center gap-3 border-b border-line bg-attention-soft px-4 py-2 text-attention">
          <CloudOff aria-hidden className="size-5 shrink-0" />
          <p className="grow">{words.lost.says}</p>
          <Button size="small" onClick={() => connection.retry()}>
            {words.lost.now}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
