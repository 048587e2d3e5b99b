import { useQuery } from "@tanstack/react-query";
import { Unplug } from "lucide-react";
import { wiresQuery } from "@/app/queries";
import { wiresDown, words } from "@/app/words";
import type { Clinic } from "@/lib/clinic";
import { useNow } from "@/lib/use-now";

/** Says which lines of the clinic to WhatsApp are down and since when, and what becomes of what waits; nothing while all is well. */
export function WireBanner({ clinic }: { clinic: Clinic }) {
  const now = useNow();
  const wires = useQuery(wiresQuery(clinic.slug));
  const all = wires.data ?? [];
  const down = all.filter((wire) => wire.down);
  const covered = down.every((wire) => wire.stand_in);
  return (
    <div role="status">
      {down.length ? (
        <div className="flex items-start gap-3 border-b border-line bg-attention-soft px-4 py-2 text-attention">
          <Unplug aria-hidden className="mt-0.5 size-5 shrink-0" />
          <p className="min-w-0 grow">
            <span className="font-medium">{wiresDown(down, all, now, clinic.timezone)}</span>{" "}
            {covered ? words.wire.standIn : words.wire.kept}
          </p>
        </div>
      ) : null}
    </div>
  );
}
