import { useQuery } from "@tanstack/react-query";
import { Unplug } from "lucide-react";
import { wiresQuery } from "@/app/queries";
import { wireDown, words } from "@/app/words";
import type { Clinic } from "@/lib/clinic";
import { useNow } from "@/lib/use-now";

/** Says which line of the clinic to WhatsApp is down and since when, and what becomes of what waits; nothing while all is well. */
export function WireBanner({ clinic }: { clinic: Clinic }) {
  const now = useNow();
  const wires = useQuery(wiresQuery(clinic.slug));
  const all = wires.data ?? [];
  return (
    <div role="status">
      {all
        .filter(({ down }) => down)
        .map((wire) => (
          <div
            key={wire.id}
            className="flex items-start gap-3 border-b border-line bg-attention-soft px-4 py-2 text-attention"
          >
            <Unplug aria-hidden className="mt-0.5 size-5 shrink-0" />
            <p className="min-w-0 grow">
              <span className="font-medium">{wireDown(wire, all, now, clinic.timezone)}</span>{" "}
              {wire.stand_in ? words.wire.standIn : words.wire.kept}
            </p>
          </div>
        ))}
    </div>
  );
}
