import { CircleCheck, CircleMinus, CircleX, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import {
  averageSaid,
  percent,
  targetSaid,
  unsentSaid,
  waitingSaid,
  words,
} from "@/features/reports/desk-words";
import type { Today, View } from "@/features/reports/queries";
import { number } from "@/lib/formats";

const lights: Readonly<Record<NonNullable<Today["light"]>, LucideIcon>> = {
  good: CircleCheck,
  attention: TriangleAlert,
  urgent: CircleX,
};

const link =
  "inline-flex min-h-6 items-center underline decoration-line-strong underline-offset-4 hover:text-ink hover:decoration-current touch:min-h-11";

interface FiguresProps {
  found: Today;
  /** Leads to the list behind a number. */
  linkTo: (view: View, children: ReactNode, className?: string) => ReactNode;
}

/** The day in four numbers. */
export function Figures({ found, linkTo }: FiguresProps) {
  const { today, waiting, light } = found;
  const Light = light ? lights[light] : CircleMinus;
  return (
    <dl
      aria-label={words.figures}
      className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4"
    >
      <Figure name={words.total} value={number(today.total)}>
        {linkTo(waiting.review ? "review" : "way", waitingSaid(waiting), link)}
      </Figure>
      <Figure name={words.rate} value={percent(today.approval_rate)}>
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge means={light ?? "nothing"}>
            <Light aria-hidden />
            {light ? words.lights[light] : words.nothing}
          </Badge>
          <span>{targetSaid(found.target)}</span>
        </span>
      </Figure>
      <Figure name={words.sent} value={number(today.sent)}>
        <span className="flex flex-wrap gap-x-3">
          {linkTo(waiting.leaving ? "way" : "sent", words.pendingSends(waiting.leaving), link)}
          {waiting.send_failed ? (
            <span className="font-medium text-urgent">
              {linkTo("unsent", unsentSaid(waiting.send_failed), link)}
            </span>
          ) : null}
        </span>
      </Figure>
      <Figure name={words.took} value={averageSaid(today.avg_process_ms)}>
        {today.avg_process_ms === null ? words.noTime : words.took30}
      </Figure>
    </dl>
  );
}

function Figure({ name, value, children }: { name: string; value: string; children: ReactNode }) {
  return (
    <div className="grid content-start gap-1 bg-surface p-4">
      <dt className="text-small text-ink-soft">{name}</dt>
      <dd className="text-page font-semibold tracking-tight tabular-nums">{value}</dd>
      <dd className="text-small text-ink-soft tabular-nums">{children}</dd>
    </div>
  );
}
