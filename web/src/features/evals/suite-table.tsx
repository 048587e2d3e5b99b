import type { Show, SuiteCount } from "@/features/evals/queries";
import { words } from "@/features/evals/words";
import { cn } from "@/lib/cn";
import { number } from "@/lib/formats";

interface SuiteTableProps {
  suites: readonly SuiteCount[];
  chosen: string | undefined;
  /** Shows these trials of this suite below. */
  onChoose: (show: Show, suite: string) => void;
}

const columns = [
  ["violated", words.run.violatedShort, "text-urgent"],
  ["failed", words.run.failedShort, "text-attention"],
  ["broken", words.run.brokenShort, "text-ink-soft"],
  ["passed", words.run.passed, "text-good"],
] as const;

/** How each suite went; a number shows the trials it counts. */
export function SuiteTable({ suites, chosen, onChoose }: SuiteTableProps) {
  if (!suites.length) return null;
  const broke = suites.some((one) => one.broken > 0);
  const shown = columns.filter(([mark]) => mark !== "broken" || broke);
  return (
    <section aria-labelledby="por-grupo" className="border-b border-line py-4">
      <h2 id="por-grupo" className="pb-1 text-title font-semibold">
        {words.run.suites}
      </h2>
      <table className="w-full max-w-3xl text-left">
        <thead className="text-small text-ink-soft">
          <tr className="border-b border-line">
            <th scope="col" className="py-1.5 pr-2 font-medium">
              {words.run.suite}
            </th>
            <th scope="col" className="px-2 text-right font-medium max-sm:hidden">
              {words.run.scenarios}
            </th>
            {shown.map(([mark, name]) => (
              <th key={mark} scope="col" className="py-1.5 pl-2 text-right align-bottom font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {suites.map((one) => (
            <tr
              key={one.suite}
              className={cn("border-b border-line last:border-0", one.suite === chosen && "bg-accent-soft")}
            >
              <th scope="row" className="pr-2 font-normal">
                <button
                  type="button"
                  onClick={() => onChoose("all", one.suite)}
                  className="min-h-10 rounded-sm text-left hover:text-accent touch:min-h-11"
                >
                  {one.title}
                </button>
              </th>
              <td className="px-2 text-right text-ink-soft max-sm:hidden">{number(one.scenarios)}</td>
              {shown.map(([mark, name, colour]) => (
                <td key={mark} className="pl-2 text-right">
                  {one[mark] ? (
                    <button
                      type="button"
                      onClick={() => onChoose(mark, one.suite)}
                      className={cn(
                        "min-h-10 min-w-8 rounded-sm text-right font-medium underline-offset-4 hover:underline touch:min-h-11 touch:min-w-11",
                        colour,
                      )}
                    >
                      {number(one[mark])}
                      <span className="sr-only">{`, ${name}, ${one.title}`}</span>
                    </button>
                  ) : (
                    <span className="text-ink-faint">{number(0)}</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
