import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { type ChangeEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Input } from "@/components/ui/input";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { CheckRow } from "@/features/evals/check-row";
import { type Suite, suiteQuery } from "@/features/evals/queries";
import { chosenSaid, suiteSaid, words } from "@/features/evals/words";
import { useClinic } from "@/lib/clinic";
import { cn } from "@/lib/cn";
import { sounds } from "@/lib/sounds";

/** What is marked of a suite: all of it, or these. */
export type Marked = "all" | readonly string[];

/** More scenarios than these are looked for by name. */
const MANY = 8;

interface SuiteChoiceProps {
  suite: Suite;
  marked: Marked;
  /** The demonstration model plays: what it is known to fail is said. */
  offline: boolean;
  onMark: (marked: Marked) => void;
}

/** A suite to mark whole, or scenario by scenario once it is opened. */
export function SuiteChoice({ suite, marked, offline, onMark }: SuiteChoiceProps) {
  const [open, setOpen] = useState(false);
  const list = useId();
  const some = marked !== "all" && marked.length > 0;
  const about = [
    some
      ? chosenSaid(marked.length, suite.scenarios)
      : suite.scenarios
        ? suiteSaid(suite)
        : words.dialog.noOwn,
    offline && suite.known_failing && !some ? words.dialog.known(suite.known_failing) : "",
  ];
  return (
    <div>
      <div className="flex items-start gap-1">
        <div className="min-w-0 grow">
          <CheckRow
            label={suite.title}
            about={about.filter(Boolean).join("; ")}
            disabled={!suite.scenarios}
            checked={marked === "all"}
            partly={some}
            onChange={(on) => onMark(on ? "all" : [])}
          />
        </div>
        {suite.scenarios ? (
          <Button
            look="quiet"
            size="icon"
            aria-expanded={open}
            aria-controls={list}
            aria-label={words.dialog.choose(suite.title)}
            title={words.dialog.choose(suite.title)}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight aria-hidden className={cn("transition-transform", open && "rotate-90")} />
          </Button>
        ) : null}
      </div>
      <div id={list} hidden={!open}>
        {open ? <Scenarios suite={suite} marked={marked} offline={offline} onMark={onMark} /> : null}
      </div>
    </div>
  );
}

function Scenarios({ suite, marked, offline, onMark }: SuiteChoiceProps) {
  const { slug } = useClinic();
  const found = useQuery(suiteQuery(slug, suite.name));
  const [sought, setSought] = useState("");
  if (found.isError)
    return (
      <ErrorState error={found.error} title={words.dialog.failed} onRetry={() => void found.refetch()} />
    );
  if (!found.data)
    return (
      <Loading className="grid gap-3 py-2 pl-7.5">
        {["w-1/2", "w-2/3", "w-2/5"].map((width) => (
          <Skeleton key={width} className={width} />
        ))}
      </Loading>
    );
  const items = found.data.items;
  const shown = items.filter((one) => sounds(`${one.title} ${one.id}`).includes(sounds(sought)));

  function mark(id: string, on: boolean): void {
    const before = marked === "all" ? items.map((one) => one.id) : marked;
    const next = on ? [...before, id] : before.filter((one) => one !== id);
    onMark(next.length === items.length ? "all" : next);
  }

  return (
    <div className="mb-2 ml-2 border-l border-line pl-5">
      {items.length > MANY ? (
        <Input
          type="search"
          aria-label={words.dialog.seek(suite.title)}
          placeholder={words.dialog.seekShort}
          autoComplete="off"
          value={sought}
          onChange={(event: ChangeEvent<HTMLInputElement>) => setSought(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
          className="my-1"
        />
      ) : null}
      <fieldset className={cn(items.length > MANY && "sm:max-h-72 sm:overflow-y-auto")}>
        <legend className="sr-only">{suite.title}</legend>
        {shown.map((one) => (
          <CheckRow
            key={one.id}
            label={one.title}
            about={[
              one.critical ? words.run.critical : "",
              offline && one.known_failing ? words.dialog.knownOne : "",
            ]
              .filter(Boolean)
              .join("; ")}
            checked={marked === "all" || marked.includes(one.id)}
            onChange={(on) => mark(one.id, on)}
          />
        ))}
        {shown.length ? null : <p className="py-2 text-small text-ink-soft">{words.dialog.notFound}</p>}
      </fieldset>
    </div>
  );
}
