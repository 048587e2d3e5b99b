import { useState } from "react";
import { CopyButton } from "@/components/copy-button";
import { Sheet } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { roleWords } from "@/features/story/code-words";
import type { Given } from "@/features/story/types";
import { given as said, words } from "@/features/story/words";

interface GivenSheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  given: readonly Given[];
}

/** Pieces of `text` around what was looked for, case and all other differences of case apart. */
function split(text: string, sought: string): { text: string; hit: boolean; at: number }[] {
  if (!sought) return [{ text, hit: false, at: 0 }];
  const pieces: { text: string; hit: boolean; at: number }[] = [];
  const low = text.toLowerCase();
  // Lower case may change a text's length in a few alphabets; then places would not agree.
  if (low.length !== text.length) return [{ text, hit: false, at: 0 }];
  const wanted = sought.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), hit: false, at: from });
    pieces.push({ text: text.slice(at, at + wanted.length), hit: true, at });
    from = at + wanted.length;
  }
  pieces.push({ text: text.slice(from), hit: false, at: from });
  return pieces;
}

/** Everything the model was given in one step, to search and to copy. */
export function GivenSheet({ open, onOpenChange, given }: GivenSheetProps) {
  const [sought, setSought] = useState("");
  const whole = given.map((one) => `[${roleWords[one.role] ?? one.role}]\n${one.text}`).join("\n\n");
  const pieces = given.map((one) => ({ ...one, pieces: split(one.text, sought.trim()) }));
  const hits = pieces.reduce((sum, one) => sum + one.pieces.filter((piece) => piece.hit).length, 0);
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={said.title}
      about={said.about}
      className="sm:w-[min(44rem,100vw)]"
      actions={<CopyButton text={whole} label={said.copyAll} done={words.copied} />}
    >
      <div className="sticky top-0 z-10 flex items-center gap-3 bg-surface py-2">
        <Field label={said.search} hideLabel className="grow">
          {(control) => (
            <Input
              {...control}
              type="search"
              placeholder={said.search}
              value={sought}
              onChange={(event) => setSought(event.target.value)}
            />
          )}
        </Field>
        <p role="status" className="text-small whitespace-nowrap text-ink-soft">
          {sought.trim() ? said.found(hits) : null}
        </p>
      </div>
      <ol className="grid gap-3">
        {pieces.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what a model was given never changes order
          <li key={at} className="grid gap-1">
            <p className="text-small font-medium text-ink-soft">{roleWords[one.role] ?? one.role}</p>
            <pre className="rounded-md border border-line bg-sunken p-3 font-mono text-small break-words whitespace-pre-wrap">
              {one.pieces.map((piece) =>
                piece.hit ? (
                  <mark key={piece.at} className="rounded-sm bg-attention-soft text-attention">
                    {piece.text}
                  </mark>
                ) : (
                  piece.text
                ),
              )}
            </pre>
          </li>
        ))}
      </ol>
    </Sheet>
  );
}
