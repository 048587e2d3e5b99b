import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import type { Draft, Span } from "@/features/evals/own-queries";
import { words } from "@/features/evals/own-words";
import { useClinic } from "@/lib/clinic";
import { dayAndTime } from "@/lib/formats";
import { useNow } from "@/lib/use-now";

const said = words.draft;

/** Letters of a message that tell it apart. */
const SHORT = 60;

/** From which message of the patient to which the scenario goes. */
export function DraftSpan({ heard, onSpan }: { heard: Draft["heard"]; onSpan: (span: Span) => void }) {
  const { timezone: zone } = useClinic();
  const now = useNow();
  const used = heard.filter((one) => one.used);
  const first = used[0];
  const last = used.at(-1);
  if (heard.length < 2 || !first || !last) return null;

  const options = (from: number) =>
    heard.map((one, at) => ({
      value: one.id,
      label: one.text.length > SHORT ? `${one.text.slice(0, SHORT).trimEnd()}…` : one.text,
      about: dayAndTime(one.at, zone, now),
      disabled: at < from,
    }));
  const place = (id: string) => heard.findIndex((one) => one.id === id);

  function begin(id: string): void {
    const end = last && place(last.id) >= place(id) ? last.id : id;
    onSpan({ first: id, last: end });
  }

  return (
    <section aria-label={said.span} className="grid items-start gap-3 pt-2 sm:grid-cols-2">
      <Field label={said.first}>
        {(control) => (
          <Select id={control.id} label={said.first} value={first.id} options={options(0)} onChange={begin} />
        )}
      </Field>
      <Field label={said.last} hint={said.spanHint}>
        {(control) => (
          <Select
            id={control.id}
            label={said.last}
            value={last.id}
            options={options(place(first.id))}
            onChange={(id) => onSpan({ first: first.id, last: id })}
          />
        )}
      </Field>
    </section>
  );
}
