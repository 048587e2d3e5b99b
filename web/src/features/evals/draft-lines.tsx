import { Plus, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Textarea } from "@/components/ui/input";
import { CheckRow } from "@/features/evals/check-row";
import { type Doc, isScripted, linesOf, withLine } from "@/features/evals/document";
import { words } from "@/features/evals/own-words";
import { cn } from "@/lib/cn";

const said = words.draft;

interface DraftLinesProps {
  document: Doc;
  /** What was really written, by turn; shown and never kept. Absent: it comes from no conversation that is at hand. */
  originals?: readonly (readonly string[])[] | undefined;
  onChange: (next: Doc) => void;
  onRemove: (at: number) => void;
  onAdd: () => void;
}

/** Each turn as it was written beside what the scenario says instead. */
export function DraftLines({ document, originals, onChange, onRemove, onAdd }: DraftLinesProps) {
  const lines = linesOf(document);
  const scripted = isScripted(document);
  return (
    <>
      <ol>
        {numbered(lines).map(({ line, at, number }) => (
          <li
            key={at}
            className={cn(
              "grid gap-x-4 gap-y-1 border-b border-line py-3 last:border-0",
              originals && "sm:grid-cols-2",
            )}
          >
            {originals ? (
              <div className="min-w-0">
                <p className="text-small text-ink-faint">{said.original}</p>
                <p className="whitespace-pre-line text-ink-soft wrap-anywhere">
                  {originals[at]?.join("\n") || said.noOriginal}
                </p>
              </div>
            ) : null}
            <div className="min-w-0">
              <div className="flex items-start gap-2">
                <div className="grid min-w-0 grow gap-1">
                  {texts(line.say).map(({ text, place }) => (
                    <Textarea
                      key={place}
                      aria-label={said.line(number)}
                      value={text}
                      onChange={(event) =>
                        onChange(
                          withLine(document, at, {
                            say: line.say.map((one, other) => (other === place ? event.target.value : one)),
                          }),
                        )
                      }
                    />
                  ))}
                </div>
                {scripted && lines.length > 1 ? (
                  <Button
                    look="quiet"
                    size="icon"
                    aria-label={said.remove(number)}
                    onClick={() => onRemove(at)}
                  >
                    <X aria-hidden />
                  </Button>
                ) : null}
              </div>
              <CheckRow
                label={said.agrees}
                name={said.agreesIn(number)}
                checked={line.agrees}
                onChange={(agrees) => onChange(withLine(document, at, { agrees }))}
              />
            </div>
          </li>
        ))}
      </ol>
      {scripted ? (
        <Button size="small" className="mt-2" onClick={onAdd}>
          <Plus aria-hidden />
          {said.addLine}
        </Button>
      ) : null}
    </>
  );
}

function numbered<One>(lines: readonly One[]): { line: One; at: number; number: number }[] {
  return lines.map((line, at) => ({ line, at, number: at + 1 }));
}

function texts(say: readonly string[]): { text: string; place: number }[] {
  return say.map((text, place) => ({ text, place }));
}
