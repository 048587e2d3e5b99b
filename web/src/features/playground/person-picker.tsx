import { useQuery } from "@tanstack/react-query";
import { Search, UserPlus } from "lucide-react";
import { type FormEvent, useDeferredValue, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { freshNumber, isPhone, speaksFor } from "@/features/playground/people";
import { type Person, peopleQuery, type Rehearsal } from "@/features/playground/queries";
import { visitsWords, words } from "@/features/playground/words";
import { phone as asPhone } from "@/lib/formats";

interface PersonPickerProps {
  rehearsal: Rehearsal;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onChoose: (person: string) => void;
}

const row =
  "flex min-h-11 w-full items-center gap-3 rounded-md px-2 py-1.5 text-left hover:bg-hover -outline-offset-2";

/** Who to be: someone the clinic knows, someone new, or a name without a phone. */
export function PersonPicker({ rehearsal, open, onOpenChange, onChoose }: PersonPickerProps) {
  function choose(person: string): void {
    onOpenChange(false);
    onChoose(person);
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={words.person.title}
      about={words.person.about}
      className="h-[min(40rem,calc(100dvh-2rem))]"
    >
      <Choices rehearsal={rehearsal} onChoose={choose} />
    </Dialog>
  );
}

function Choices({ rehearsal, onChoose }: { rehearsal: Rehearsal; onChoose: (person: string) => void }) {
  const [typed, setTyped] = useState("");
  const [name, setName] = useState("");
  const found = useQuery(peopleQuery(rehearsal.id, useDeferredValue(typed).trim()));

  function beNamed(event: FormEvent): void {
    event.preventDefault();
    if (name.trim()) onChoose(name.trim());
  }

  return (
    <div className="grid gap-3">
      <div className="sticky top-0 z-10 -mx-1 bg-surface p-1">
        <Field label={words.person.search} hideLabel>
          {(control) => (
            <div className="relative">
              <Search
                aria-hidden
                className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-ink-faint"
              />
              <Input
                {...control}
                type="search"
                data-first=""
                maxLength={100}
                className="pl-9"
                placeholder={words.person.search}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            </div>
          )}
        </Field>
      </div>
      <button type="button" className={row} onClick={() => onChoose(freshNumber())}>
        <UserPlus aria-hidden className="size-5 text-accent" />
        <span className="grid">
          <span className="font-medium">{words.person.fresh}</span>
          <span className="text-small text-ink-soft">{words.person.freshAbout}</span>
        </span>
      </button>
      {rehearsal.conversations.length > 0 && !typed ? (
        <Group title={words.person.here}>
          {rehearsal.conversations.map((talk) => (
            <Row key={talk.id} one={{ ...talk, people: [], visits: 0 }} onChoose={onChoose} />
          ))}
        </Group>
      ) : null}
      <Group title={words.person.ofClinic}>
        {found.data?.map((one) => (
          <Row key={one.person} one={one} onChoose={onChoose} />
        ))}
      </Group>
      {found.isPending ? (
        <Loading className="grid gap-3 px-2">
          <Skeleton className="w-2/3" />
          <Skeleton className="w-1/2" />
          <Skeleton className="w-3/5" />
        </Loading>
      ) : null}
      {found.isError ? (
        <ErrorState
          error={found.error}
          title={words.person.failed}
          onRetry={() => void found.refetch()}
          className="py-4"
        />
      ) : null}
      {found.data?.length === 0 ? (
        <p role="status" className="px-2 text-ink-soft">
          {words.person.nobody}
        </p>
      ) : null}
      <form onSubmit={beNamed} className="flex items-end gap-2 border-t border-line pt-3">
        <Field label={words.person.named} className="grow">
          {(control) => (
            <Input
              {...control}
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" disabled={!name.trim()}>
          {words.person.namedGo}
        </Button>
      </form>
    </div>
  );
}

function Group({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="px-2 text-small font-medium text-ink-soft">{title}</h3>
      {children}
    </section>
  );
}

function Row({ one, onChoose }: { one: Person; onChoose: (person: string) => void }) {
  const phone = isPhone(one.person);
  const about = [phone ? asPhone(one.person) : words.person.nameless, speaksFor(one.people)];
  return (
    <button type="button" className={row} onClick={() => onChoose(one.person)}>
      <span className="grid min-w-0 grow">
        <span className="truncate">{one.name || (phone ? words.person.unknown : one.person)}</span>
        <span className="text-small text-ink-soft tabular-nums">{about.filter(Boolean).join(" · ")}</span>
      </span>
      {one.visits > 0 ? <Badge means="accent">{visitsWords(one.visits)}</Badge> : null}
    </button>
  );
}
