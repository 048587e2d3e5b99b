import { Link } from "@tanstack/react-router";
import { words } from "@/features/evals/words";

const tab =
  "-mb-px inline-flex h-9 items-center border-b-2 px-3 whitespace-nowrap -outline-offset-2 touch:min-h-11";
const off = { className: "border-transparent text-ink-soft hover:text-ink" };
const on = { className: "border-accent font-medium text-ink" };
const exact = { exact: true, includeSearch: false };

/** Between what was played and what the clinic wrote. */
export function EvalTabs() {
  return (
    <nav aria-label={words.views} className="mb-1 flex gap-1 overflow-x-auto border-b border-line">
      <Link
        to="/provas"
        search={({ clinica }) => (clinica ? { clinica } : {})}
        activeOptions={exact}
        className={tab}
        inactiveProps={off}
        activeProps={on}
      >
        {words.runs}
      </Link>
      <Link
        to="/provas/da-clinica"
        search={({ clinica }) => (clinica ? { clinica } : {})}
        activeOptions={exact}
        className={tab}
        inactiveProps={off}
        activeProps={on}
      >
        {words.own}
      </Link>
    </nav>
  );
}
