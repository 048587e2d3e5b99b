import { Ban, Check, CircleDashed, CircleX, type LucideIcon } from "lucide-react";
import type { Row } from "@/features/evals/queries";
import { words } from "@/features/evals/trial-words";
import { cn } from "@/lib/cn";

const looks: Readonly<Record<Row["stands"], [LucideIcon, string]>> = {
  unexpected: [Ban, "text-urgent"],
  missing: [CircleX, "text-attention"],
  expected: [Check, "text-good"],
  allowed: [CircleDashed, "text-ink-faint"],
};
const order: Readonly<Record<Row["stands"], number>> = { unexpected: 0, missing: 1, expected: 2, allowed: 3 };

/** What was to be registered beside what was; the fields themselves one click deeper. */
export function RowDiff({ rows }: { rows: readonly Row[] }) {
  const sorted = rows
    .map((row, at) => ({ row, key: `${at} ${row.told}` }))
    .toSorted((one, other) => order[one.row.stands] - order[other.row.stands]);
  return (
    <section aria-labelledby="linhas" className="border-y border-line py-4">
      <h2 id="linhas" className="text-title font-semibold">
        {words.rows}
      </h2>
      {rows.length ? (
        <>
          <p className="pb-2 text-small text-ink-soft">{words.rowsAbout}</p>
          <div className="grid grid-cols-2 gap-4 border-b border-line pb-1 text-small font-medium text-ink-soft max-sm:hidden">
            <span>{words.expected}</span>
            <span>{words.happened}</span>
          </div>
          <ul aria-labelledby="linhas">
            {sorted.map(({ row, key }) => (
              <Pair key={key} row={row} />
            ))}
          </ul>
        </>
      ) : (
        <p className="text-ink-soft">{words.noRows}</p>
      )}
    </section>
  );
}

function Pair({ row }: { row: Row }) {
  const [Icon, colour] = looks[row.stands];
  const nothing = {
    unexpected: words.notExpected,
    allowed: words.optional,
    missing: words.didNot,
    expected: "",
  };
  const wanted = row.stands === "missing" || row.stands === "expected";
  return (
    <li className="grid gap-x-4 gap-y-1 border-b border-line py-2.5 last:border-0 sm:grid-cols-2">
      <Side name={words.expected} faint={!wanted}>
        {wanted ? row.told : nothing[row.stands]}
      </Side>
      <div className="flex min-w-0 items-start gap-2">
        <Icon aria-hidden className={cn("mt-1 size-4 shrink-0", colour)} />
        <div className="min-w-0 grow">
          <Side name={words.happened} faint={row.stands === "missing"}>
            {row.stands === "missing" ? nothing.missing : row.told}
          </Side>
          <p className={cn("text-small", colour === "text-ink-faint" ? "text-ink-soft" : colour)}>
            {words.stands[row.stands]}
          </p>
        </div>
      </div>
      <Fields row={row} />
    </li>
  );
}

function Side({ name, faint, children }: { name: string; faint: boolean; children: string }) {
  return (
    <p className={cn("min-w-0 wrap-anywhere", faint && "text-ink-soft")}>
      <span className="pr-1.5 text-small text-ink-faint sm:sr-only">{`${name}: `}</span>
      {children}
    </p>
  );
}

/** As the database has them. */
function Fields({ row }: { row: Row }) {
  const names = [...new Set([...Object.keys(row.was ?? {}), ...Object.keys(row.now ?? {})])];
  if (!names.length) return null;
  return (
    <details className="sm:col-span-2">
      <summary className="w-fit rounded-sm text-small text-ink-soft hover:text-ink touch:py-2.5">
        {words.deeper}
        <span className="sr-only">{`: ${row.told}`}</span>
      </summary>
      <div className="overflow-x-auto">
        <table className="mt-1 text-left text-small">
          <thead className="text-ink-soft">
            <tr>
              {[words.column, words.was, words.now].map((name) => (
                <th key={name} scope="col" className="py-0.5 pr-6 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row" className="pr-6 font-mono font-normal text-ink-soft">
                  {name}
                </th>
                <td className="pr-6 font-mono">{shown(row.was?.[name])}</td>
                <td className="pr-6 font-mono">{shown(row.now?.[name])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function shown(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
