import { ConciergeBell } from "lucide-react";
import type { ChatLine } from "@/components/chat/line";
import { cameBack, words } from "@/components/chat/words";
import { dayAndTime, time } from "@/lib/formats";

/** Whether a line is nobody's message: until there a person spoke. */
export function isMarker(line: Pick<ChatLine, "kind">): boolean {
  return line.kind === "given_back" || cameByItself(line);
}

/** Nobody gave it back: the team was silent, and the line says for how long. */
function cameByItself(line: Pick<ChatLine, "kind">): boolean {
  return line.kind === "came_back";
}

/** Until here a person spoke, and this is what they told Carol; the patient sees none of it. */
export function Marker({ line, zone }: { line: ChatLine; zone: string }) {
  return (
    <div
      data-line={line.id}
      className="mx-auto mt-3 grid max-w-136 justify-items-center gap-0.5 px-2 text-small text-ink-soft"
    >
      <p className="flex items-center gap-1.5 text-center">
        <ConciergeBell aria-hidden className="size-3.5 shrink-0" />
        <span>{cameByItself(line) ? line.text : cameBack(line.by)}</span>
        <time dateTime={line.at} title={dayAndTime(line.at, zone)} className="tabular-nums">
          {time(line.at, zone)}
        </time>
      </p>
      {line.text && !cameByItself(line) ? (
        <p className="text-center whitespace-pre-line wrap-anywhere">
          <span className="font-medium">{words.toldCarol}</span> {line.text}
        </p>
      ) : null}
    </div>
  );
}
