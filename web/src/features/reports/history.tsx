import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { dayLabel, words } from "@/features/reports/desk-words";
import { type Day, historyQuery } from "@/features/reports/queries";
import { useClinic } from "@/lib/clinic";
import { number } from "@/lib/formats";

// Charts are the heaviest thing on this page, and the last that is needed.
const Chart = lazy(() => import("@/features/reports/chart"));
const columns = ["total", "approved", "failed", "fallback"] as const;

/** The last week, drawn and in numbers. */
export function History() {
  const { slug } = useClinic();
  const found = useQuery(historyQuery(slug));
  return (
    <section aria-label={words.chart} className="min-w-0">
      <h2 className="pb-2 text-title font-semibold">{words.chart}</h2>
      {found.data ? (
        found.data.days.some((day) => day.total) ? (
          <>
            <Suspense fallback={<Skeleton className="h-68 w-full" />}>
              <Chart days={found.data.days} />
            </Suspense>
            <Numbers days={found.data.days} />
          </>
        ) : (
          <p className="py-6 text-ink-soft">{words.noDays}</p>
        )
      ) : found.isError ? (
        <ErrorState error={found.error} title={words.chartFailed} onRetry={() => void found.refetch()} />
      ) : (
        <Loading>
          <Skeleton className="h-68 w-full" />
        </Loading>
      )}
    </section>
  );
}

function Numbers({ days }: { days: readonly Day[] }) {
  return (
    <details className="pt-2 text-small">
      <summary className="inline-flex min-h-8 items-center text-accent underline underline-offset-4 touch:min-h-11">
        {words.numbers}
      </summary>
      <div className="overflow-x-auto pt-1">
        <table className="w-full min-w-80 text-right">
          <caption className="sr-only">{words.chart}</caption>
          <thead className="text-ink-soft">
            <tr className="border-b border-line">
              <th scope="col" className="py-1.5 pr-2 text-left font-medium">
                {words.day}
              </th>
              {columns.map((name) => (
                <th key={name} scope="col" className="py-1.5 pl-2 font-medium">
                  {words.series[name]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((day) => (
              <tr key={day.day} className="border-b border-line last:border-0">
                <th scope="row" className="py-1.5 pr-2 text-left font-normal">
                  {dayLabel(day)}
                </th>
                {columns.map((name) => (
                  <td key={name} className="py-1.5 pl-2">
                    {number(day[name])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
