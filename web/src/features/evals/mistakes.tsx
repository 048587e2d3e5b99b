import type { Mistake } from "@/features/evals/own-queries";
import { fieldSaid } from "@/features/evals/own-words";

interface MistakesProps {
  title: string;
  list: readonly Mistake[];
  /** Says of which scenario each is. */
  named?: boolean;
}

/** What has to be put right, by field. */
export function Mistakes({ title, list, named = false }: MistakesProps) {
  if (!list.length) return null;
  return (
    <div role="alert" className="grid gap-1 rounded-md border border-urgent p-3">
      <p className="font-medium text-urgent">{title}</p>
      <ul className="grid gap-0.5 wrap-anywhere">
        {list.map((one) => (
          <li key={`${one.scenario} ${one.field} ${one.problem}`}>
            {[named ? one.scenario : "", one.field ? fieldSaid(one.field) : ""].filter(Boolean).join(", ")}
            {(named && one.scenario) || one.field ? ": " : ""}
            {one.problem}
          </li>
        ))}
      </ul>
    </div>
  );
}
