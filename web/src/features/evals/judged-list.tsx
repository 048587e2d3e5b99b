import { Check, CircleHelp, type LucideIcon, X } from "lucide-react";
import type { Judged } from "@/features/evals/queries";
import { rubricSaid, standingSaid, words } from "@/features/evals/trial-words";
import { cn } from "@/lib/cn";

/** What a judge answered: question by question, with its reasons, and whether its word counts. */
export function JudgedList({ judged }: { judged: readonly Judged[] }) {
  if (!judged.length) return null;
  const about = (who: Judged["about"]) => judged.filter((one) => one.about === who);
  return (
    <section aria-labelledby="avaliador" className="border-t border-line py-4">
      <h2 id="avaliador" className="text-title font-semibold">
        {words.judged}
      </h2>
      <p className="text-small text-ink-soft">{words.judgedAbout}</p>
      <Answers list={about("carol")} />
      {about("patient").length ? (
        <>
          <h3 className="pt-3 font-medium">{words.judgedPatient}</h3>
          <p className="text-small text-ink-soft">{words.judgedPatientAbout}</p>
          <Answers list={about("patient")} />
        </>
      ) : null}
    </section>
  );
}

const answers: Readonly<Record<"yes" | "no" | "split", [LucideIcon, string]>> = {
  yes: [Check, "text-good"],
  no: [X, "text-attention"],
  split: [CircleHelp, "text-ink-soft"],
};

function Answers({ list }: { list: readonly Judged[] }) {
  return (
    <ul>
      {list.map((one) => {
        const said = one.answer === null ? "split" : one.answer ? "yes" : "no";
        const [Icon, colour] = answers[said];
        return (
          <li
            key={one.id}
            className="grid gap-x-4 gap-y-0.5 border-b border-line py-2.5 last:border-0 sm:grid-cols-[9rem_minmax(0,1fr)]"
          >
            <p
              className={cn(
                "flex items-start gap-2 font-medium",
                one.counts || said === "split" ? colour : "",
              )}
            >
              <Icon
                aria-hidden
                className={cn("mt-1 size-4 shrink-0", one.counts ? colour : "text-ink-faint")}
              />
              {words.answers[said]}
            </p>
            <div className="min-w-0 max-w-[75ch] wrap-anywhere">
              <p>{one.ask}</p>
              {[...new Set(one.reasons)].map((reason) => (
                <p key={reason} className="text-ink-soft">
                  {reason}
                </p>
              ))}
              <p className="text-small text-ink-soft">{[standingSaid(one), rubricSaid(one)].join(" · ")}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
