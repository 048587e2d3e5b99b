import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { isPhone } from "@/features/playground/people";
import { PersonPicker } from "@/features/playground/person-picker";
import { peopleQuery, type Rehearsal } from "@/features/playground/queries";
import { words } from "@/features/playground/words";
import { phone as asPhone } from "@/lib/formats";

interface PersonaProps {
  rehearsal: Rehearsal;
  person: string;
  /** What Carol's side calls them by now. */
  known: string;
  onChoose: (person: string) => void;
}

/** Who one is in this conversation, and the way to be someone else. */
export function Persona({ rehearsal, person, known, onChoose }: PersonaProps) {
  const [picking, setPicking] = useState(false);
  const phone = isPhone(person);
  const found = useQuery({ ...peopleQuery(rehearsal.id, person), enabled: phone && !known });
  const listed = found.data?.find((one) => one.person === person)?.name ?? "";
  const name = known || listed || (phone ? words.person.unknown : person);
  return (
    <header className="shrink-0 border-b border-line">
      <button
        type="button"
        onClick={() => setPicking(true)}
        className="flex min-h-12 w-full items-center gap-2 rounded-t-lg px-3 py-1 text-left -outline-offset-2 hover:bg-hover"
      >
        <span className="grid min-w-0 grow">
          <span className="truncate">
            <span className="text-ink-soft">{`${words.person.youAre}: `}</span>
            <span className="font-medium">{name}</span>
          </span>
          <span className="truncate text-small text-ink-soft tabular-nums">
            {phone ? asPhone(person) : words.person.nameless}
          </span>
        </span>
        <span className="sr-only">{words.person.change}</span>
        <ChevronDown aria-hidden className="size-4 text-ink-faint" />
      </button>
      <PersonPicker rehearsal={rehearsal} open={picking} onOpenChange={setPicking} onChoose={onChoose} />
    </header>
  );
}
