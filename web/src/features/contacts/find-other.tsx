import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { called, lastHeard } from "@/features/contacts/contact-facts";
import { type ContactCard, contactsQuery } from "@/features/contacts/queries";
import { words } from "@/features/contacts/words";
import { useClinic } from "@/lib/clinic";
import { phone, relative } from "@/lib/formats";
import { useNow } from "@/lib/use-now";

interface FindOtherProps {
  /** The contact that is not listed: the one at hand. */
  but: string;
  onFound: (card: ContactCard) => void;
}

/** The clinic's other contacts, by name or phone. */
export function FindOther({ but, onFound }: FindOtherProps) {
  const { slug } = useClinic();
  const [typed, setTyped] = useState("");
  const found = useQuery(contactsQuery(slug, useDeferredValue(typed.trim())));
  const others = found.data?.items.filter((one) => one.id !== but);
  return (
    <div className="grid gap-2">
      <Field label={words.search}>
        {(field) => (
          <Input
            {...field}
            data-first=""
            type="search"
            maxLength={100}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      {found.isError ? (
        <p role="alert" className="flex flex-wrap items-center gap-2">
          {words.failed}
          <Button size="small" onClick={() => void found.refetch()}>
            {words.again}
          </Button>
        </p>
      ) : null}
      {others?.length === 0 ? <p className="py-4 text-center text-ink-soft">{words.none}</p> : null}
      {/* As tall whatever is found: the dialog stays where it is while one types. */}
      <ul className="grid h-72 content-start overflow-y-auto" aria-busy={found.isFetching}>
        {others?.map((one) => (
          <Row key={one.id} card={one} onFound={onFound} />
        ))}
      </ul>
    </div>
  );
}

function Row({ card, onFound }: { card: ContactCard; onFound: (card: ContactCard) => void }) {
  const { timezone } = useClinic();
  const now = useNow();
  const heard = lastHeard(card);
  const name = called(card);
  const where = phone(card.addresses[0] ?? "");
  return (
    <li>
      <button
        type="button"
        className="flex min-h-11 w-full items-center gap-3 rounded-sm px-2 py-1 text-left hover:bg-hover"
        onClick={() => onFound(card)}
      >
        <span className="min-w-0 grow">
          <span className="block truncate font-medium">{name}</span>
          {where && where !== name ? (
            <span className="block text-small text-ink-soft tabular-nums">{where}</span>
          ) : null}
        </span>
        {heard ? (
          <span className="shrink-0 text-small text-ink-soft">{relative(heard, now, timezone)}</span>
        ) : null}
      </button>
    </li>
  );
}
