import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { dayLabel, words } from "@/features/reports/desk-words";
import type { Day } from "@/features/reports/queries";

const bars = [
  { key: "approved", fill: "var(--good)" },
  { key: "failed", fill: "var(--attention)" },
  { key: "fallback", fill: "var(--urgent)" },
] as const;
const faint = { fill: "var(--ink-faint)", fontSize: 13 };

/** How many reports came each day, and what became of them. The table beside it says the same. */
export default function Chart({ days }: { days: readonly Day[] }) {
  const rows = days.map((day) => ({ ...day, label: dayLabel(day) }));
  return (
    <div>
      <div aria-hidden className="h-60">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 600, height: 240 }}>
          <ComposedChart
            data={rows}
            margin={{ top: 8, right: 4, bottom: 0, left: -24 }}
            barGap={2}
            barCategoryGap="24%"
            accessibilityLayer={false}
          >
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis
              dataKey="label"
              interval={0}
              tick={faint}
              tickLine={false}
              axisLine={{ stroke: "var(--line-strong)" }}
            />
            <YAxis allowDecimals={false} tick={faint} tickLine={false} axisLine={false} />
            {bars.map(({ key, fill }) => (
              <Bar
                key={key}
                dataKey={key}
                fill={fill}
                radius={[2, 2, 0, 0]}
                maxBarSize={16}
                isAnimationActive={false}
              />
            ))}
            <Line
              dataKey="total"
              stroke="var(--waiting)"
              strokeWidth={2}
              dot={{ r: 3, fill: "var(--waiting)" }}
              isAnimationActive={false}
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 pt-2 text-small text-ink-soft">
        <li className="inline-flex items-center gap-1.5">
          <span aria-hidden className="h-0.5 w-4 rounded-full bg-waiting" />
          {words.series.total}
        </li>
        {bars.map(({ key, fill }) => (
          <li key={key} className="inline-flex items-center gap-1.5">
            <span aria-hidden className="size-3 rounded-sm" style={{ background: fill }} />
            {words.series[key]}
          </li>
        ))}
      </ul>
    </div>
  );
}
