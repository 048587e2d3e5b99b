import { ChevronDown, ReceiptText } from "lucide-react";
import { useId, useState } from "react";
import { StepDetail } from "@/features/story/step-detail";
import type { Line } from "@/features/story/tell";
import { detail } from "@/features/story/words";
import { cn } from "@/lib/cn";
import { elapsed } from "@/lib/formats";

const colours = {
  nothing: "text-ink-faint",
  good: "text-good",
  attention: "text-attention",
  urgent: "text-urgent",
} as const;

interface StoryLineProps {
  line: Line;
  fresh: boolean;
  onReceipt?: ((id: string) => void) | undefined;
}

/** One line of the story; a click shows what is behind it. */
export function StoryLine({ line, fresh, onReceipt }: StoryLineProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const { step } = line;
  const said = <Said line={line} />;
  const row = "flex w-full items-start gap-2.5 px-4 py-1.5 text-left";
  return (
    <li className={cn(fresh && "enter")}>
      {step ? (
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
          className={cn(row, "group -outline-offset-2 hover:bg-hover touch:min-h-11")}
        >
          {said}
          {step.receipt ? (
            <ReceiptText aria-label={detail.receipt} className="mt-1 size-4 shrink-0 text-good" />
          ) : null}
          {step.at_ms != null ? (
            <span className="mt-0.5 shrink-0 text-right text-small text-ink-faint tabular-nums">
              {elapsed(step.at_ms)}
            </span>
          ) : null}
          <ChevronDown
            aria-hidden
            className={cn("mt-1 size-4 shrink-0 text-ink-faint transition-transform", open && "rotate-180")}
          />
        </button>
      ) : (
        <div className={row}>{said}</div>
      )}
      {step ? (
        <div id={id} hidden={!open} className="border-y border-line bg-ground py-3 pr-4 pl-12">
          {open ? <StepDetail step={step} onReceipt={onReceipt} /> : null}
        </div>
      ) : null}
    </li>
  );
}

function Said({ line }: { line: Line }) {
  const Icon = line.icon;
  return (
    <>
      <Icon aria-hidden className={cn("mt-1 size-4 shrink-0", colours[line.means])} />
      <span className="min-w-0 grow">
        <span className={cn("block break-words", line.means === "urgent" && "font-medium text-urgent")}>
          {line.says}
        </span>
        {line.about ? <span className="block text-small break-words text-ink-soft">{line.about}</span> : null}
      </span>
    </>
  );
}
