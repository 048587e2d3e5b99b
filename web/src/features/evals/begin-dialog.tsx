import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { CheckRow } from "@/features/evals/check-row";
import { type Noise, noises, noiseWords } from "@/features/evals/noise-words";
import { playersQuery, type RunAsked, type Suite, suitesQuery } from "@/features/evals/queries";
import { type Marked, SuiteChoice } from "@/features/evals/suite-choice";
import { sizeSaid, words } from "@/features/evals/words";
import { useClinic } from "@/lib/clinic";

const AUTO = "auto";
const TRIALS = ["1", "2", "4", "8", "16"];

export type Wanted = Omit<RunAsked, "by">;

interface BeginDialogProps {
  open: boolean;
  onCancel: () => void;
  onConfirm: (wanted: Wanted) => void;
}

/** What to play, how often, and at which cost. */
export function BeginDialog(props: BeginDialogProps) {
  return props.open ? <Open {...props} /> : null;
}

/** What was typed as a limit: a number of reais, null for none, undefined when it is neither. */
function reaisOf(typed: string): number | null | undefined {
  const said = typed.replace(/[R$\s]/g, "").replace(",", ".");
  if (!said) return null;
  const read = Number(said);
  return Number.isFinite(read) && read > 0 && read <= 100_000 ? read : undefined;
}

function wholly(suites: readonly Suite[]): Record<string, Marked> {
  return Object.fromEntries(suites.map((one) => [one.name, "all"]));
}

function singles(marked: Marked | undefined): readonly string[] {
  return marked === undefined || marked === "all" ? [] : marked;
}

function amountOf(suite: Suite, marked: Marked | undefined): number {
  return marked === "all" ? suite.scenarios : singles(marked).length;
}

function toggled<One>(all: readonly One[], one: One, on: boolean): One[] {
  return on ? [...all, one] : all.filter((other) => other !== one);
}

function Open({ onCancel, onConfirm }: BeginDialogProps) {
  const { slug } = useClinic();
  const form = useId();
  const suites = useQuery(suitesQuery(slug));
  const players = useQuery(playersQuery);
  const [chosen, setChosen] = useState<Readonly<Record<string, Marked>>>();
  const [noise, setNoise] = useState<Noise[]>([]);
  const [trials, setTrials] = useState(AUTO);
  const [limit, setLimit] = useState("");
  const [tried, setTried] = useState(false);

  const player = players.data?.find((model) => model.default);
  const playable = suites.data?.filter((one) => one.scenarios > 0) ?? [];
  // The clinic's own come marked; before there are any, nothing is chosen for anybody.
  const marked = chosen ?? wholly(playable.filter((one) => one.name === "clinic"));
  const reais = reaisOf(limit);
  const each = trials === AUTO ? 1 : Number(trials);
  const scenarios = playable.reduce((sum, one) => sum + amountOf(one, marked[one.name]), 0);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (!scenarios || reais === undefined) return;
    onConfirm({
      suites: playable.filter((one) => marked[one.name] === "all").map((one) => one.name),
      scenarios: playable.flatMap((one) => singles(marked[one.name])),
      noise,
      trials: trials === AUTO ? null : Number(trials),
      ...(reais ? { reais } : {}),
    });
  }

  return (
    <Dialog
      open
      onOpenChange={(stays) => stays || onCancel()}
      title={words.dialog.title}
      about={words.dialog.about}
      actions={
        <>
          <span role="status" className="mr-auto self-center text-small text-ink-soft tabular-nums">
            {scenarios ? sizeSaid(scenarios * each * (1 + noise.length)) : ""}
          </span>
          <Button onClick={onCancel}>{words.dialog.cancel}</Button>
          <Button type="submit" form={form} look="primary" disabled={!suites.data}>
            {words.dialog.confirm}
          </Button>
        </>
      }
    >
      {suites.data ? (
        <form id={form} onSubmit={submit} noValidate className="grid gap-4">
          <Suites
            suites={suites.data}
            marked={marked}
            offline={player?.offline ?? true}
            onMark={setChosen}
            error={tried && !scenarios ? words.dialog.nothing : undefined}
          />
          <fieldset className="grid gap-0.5">
            <legend className="pb-1 font-medium">{words.dialog.noise}</legend>
            <p className="text-small text-ink-soft">{words.dialog.noiseAbout}</p>
            <div className="grid sm:grid-cols-2">
              {noises.map((kind) => (
                <CheckRow
                  key={kind}
                  label={noiseWords[kind] ?? kind}
                  checked={noise.includes(kind)}
                  onChange={(on) => setNoise(toggled(noise, kind, on))}
                />
              ))}
            </div>
          </fieldset>
          <Field label={words.dialog.trials}>
            {(control) => (
              <Select
                id={control.id}
                label={words.dialog.trials}
                value={trials}
                onChange={setTrials}
                options={[
                  { value: AUTO, label: player?.offline ? words.dialog.autoDemo : words.dialog.auto },
                  ...TRIALS.slice(player?.offline ? 1 : 0).map((value) => ({ value, label: value })),
                ]}
              />
            )}
          </Field>
          {player ? (
            <p className={player.offline ? "text-small text-ink-soft" : "text-attention"}>
              {player.offline ? words.dialog.free : words.dialog.paid(player.label)}
            </p>
          ) : null}
          {player && !player.offline ? (
            <Field
              label={words.dialog.reais}
              error={reais === undefined ? words.dialog.reaisWrong : undefined}
            >
              {(control) => (
                <Input
                  {...control}
                  inputMode="decimal"
                  autoComplete="off"
                  value={limit}
                  onChange={(event) => setLimit(event.target.value)}
                />
              )}
            </Field>
          ) : null}
        </form>
      ) : suites.isError ? (
        <ErrorState error={suites.error} title={words.dialog.failed} onRetry={() => void suites.refetch()} />
      ) : (
        <Loading className="grid gap-3 py-2">
          {["w-1/2", "w-2/3", "w-2/5", "w-1/2", "w-3/5"].map((width, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: bars have nothing else to be told apart by
            <Skeleton key={at} className={width} />
          ))}
        </Loading>
      )}
    </Dialog>
  );
}

interface SuitesProps {
  suites: readonly Suite[];
  marked: Readonly<Record<string, Marked>>;
  /** The demonstration model plays: what it is known to fail is said. */
  offline: boolean;
  onMark: (marked: Readonly<Record<string, Marked>>) => void;
  error: string | undefined;
}

function Suites({ suites, marked, offline, onMark, error }: SuitesProps) {
  const about = useId();
  const playable = suites.filter((one) => one.scenarios > 0);
  const every = playable.every((one) => marked[one.name] === "all");
  return (
    <fieldset className="grid gap-0.5" aria-describedby={error ? about : undefined}>
      <legend className="font-medium">{words.dialog.suites}</legend>
      <Button
        look="link"
        size="small"
        className="justify-self-start px-0"
        onClick={() => onMark(every ? {} : wholly(playable))}
      >
        {every ? words.dialog.none : words.dialog.all}
      </Button>
      {suites.map((one) => (
        <SuiteChoice
          key={one.name}
          suite={one}
          marked={marked[one.name] ?? []}
          offline={offline}
          onMark={(next) => onMark({ ...marked, [one.name]: next })}
        />
      ))}
      {error ? (
        <p id={about} role="alert" className="text-small text-urgent">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
