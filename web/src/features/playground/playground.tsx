import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import type { Address, Go } from "@/features/playground/address";
import { Entrance, Over } from "@/features/playground/entrance";
import { isOver, rehearsalQuery } from "@/features/playground/queries";
import { type Beside, Room } from "@/features/playground/room";
import { RoomSkeleton } from "@/features/playground/room-skeleton";
import { words } from "@/features/playground/words";
import { useClinic } from "@/lib/clinic";

interface PlaygroundProps {
  address: Address;
  go: Go;
  /** The rehearsal of the address belongs to another clinic than the one the page is about. */
  onOtherClinic: (slug: string) => void;
  beside: Beside;
}

/** Rehearsing with Carol: the production path in a copy of the clinic that touches nobody. */
export function Playground({ address, ...rest }: PlaygroundProps) {
  if (!address.rehearsal) return <Entrance go={rest.go} />;
  return <Opened key={address.rehearsal} id={address.rehearsal} address={address} {...rest} />;
}

function Opened({ id, address, go, onOtherClinic, beside }: PlaygroundProps & { id: string }) {
  const clinic = useClinic();
  const found = useQuery(rehearsalQuery(id));
  const other = found.data && found.data.clinic !== clinic.slug ? found.data.clinic : null;
  useEffect(() => {
    if (other) onOtherClinic(other);
  }, [other, onOtherClinic]);
  if (isOver(found.error)) return <Over go={go} />;
  if (found.data && !other) return <Room rehearsal={found.data} address={address} go={go} beside={beside} />;
  if (found.isError) {
    return (
      <Page title={words.title}>
        <ErrorState error={found.error} title={words.failed} onRetry={() => void found.refetch()} />
      </Page>
    );
  }
  return <RoomSkeleton />;
}
