import type { ReactNode } from "react";
import type { ContactCard } from "@/features/contacts/queries";
import { words } from "@/features/contacts/words";
import { count, phone, relative } from "@/lib/formats";
import { personSaid } from "@/lib/person-words";

interface ContactFactsProps {
  says: string;
  card: ContactCard;
  now: number;
  zone: string;
}

/** "04/03/1990" */
function born(day: string): string {
  return day.split("-").reverse().join("/");
}

/** What a contact goes by: the name, or else where they write from. */
export function called(card: ContactCard): string {
  return card.name || phone(card.addresses[0] ?? "") || words.hidden(card.hidden_ids);
}

/** When they were last heard of, if ever. */
export function lastHeard(card: ContactCard): string | undefined {
  return card.conversations
    .flatMap((one) => one.last_message_at ?? [])
    .sort((a, b) => Date.parse(b) - Date.parse(a))[0];
}

function Fact({ says, children }: { says: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-small text-ink-soft">{says}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}

/** What tells one contact from another. */
export function ContactFacts({ says, card, now, zone }: ContactFactsProps) {
  const heard = lastHeard(card);
  const wishes = [
    card.human_only ? words.humanOnly : "",
    card.opted_out ? words.optedOut : "",
    card.doubted ? words.doubted : "",
  ].filter(Boolean);
  const addresses = [
    ...card.addresses.map((one) => phone(one)),
    ...(card.hidden_ids ? [words.hidden(card.hidden_ids)] : []),
  ];
  return (
    <section className="min-w-0 rounded-md border border-line p-2.5 sm:p-3" aria-label={says}>
      <p className="text-small text-ink-soft">{says}</p>
      <h3 className="font-semibold wrap-anywhere">{called(card)}</h3>
      <dl className="mt-2 grid gap-2">
        {addresses.join() === called(card) ? null : (
          <Fact says={words.facts.addresses}>
            {addresses.map((one) => (
              <span key={one} className="block tabular-nums">
                {one}
              </span>
            ))}
          </Fact>
        )}
        {card.profile_name && card.profile_name !== card.name ? (
          <Fact says={words.facts.profile}>{card.profile_name}</Fact>
        ) : null}
        <Fact says={words.facts.people}>
          {card.people.length
            ? card.people.map((one) => (
                <span key={one.id} className="block">
                  {personSaid(one.name, one.relationship)}
                  {one.birth_date ? (
                    <span className="block text-small text-ink-soft">{words.born(born(one.birth_date))}</span>
                  ) : null}
                </span>
              ))
            : words.nobody}
        </Fact>
        <Fact says={words.facts.visits}>
          {card.visits ? count(card.visits, "consulta", "consultas") : words.never}
        </Fact>
        <Fact says={words.facts.seen}>{heard ? relative(heard, now, zone) : words.never}</Fact>
        {wishes.length ? <Fact says={words.facts.wishes}>{wishes.join("; ")}</Fact> : null}
      </dl>
    </section>
  );
}
