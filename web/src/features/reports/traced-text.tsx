import { RichText } from "@/components/chat/rich-text";
import type { Piece } from "@/features/reports/facts";
import { cn } from "@/lib/cn";

interface TracedTextProps {
  pieces: readonly Piece[];
  /** The fact that is lit, here and in the other text. */
  lit: number | null;
  onLight: (fact: number | null) => void;
  /** Which facts rest on nothing. */
  loose?: ReadonlySet<number>;
}

/** A text whose facts light up, under the pointer or the keyboard, together with where they come from. */
export function TracedText({ pieces, lit, onLight, loose }: TracedTextProps) {
  return (
    <p className="max-w-[75ch] whitespace-pre-line wrap-anywhere">
      {pieces.map(({ start, text, fact, wrong }) =>
        fact === null || !text.trim() ? (
          <span key={start} className={cn(wrong && said)}>
            <RichText text={text} />
          </span>
        ) : (
          <mark
            key={start}
            data-fact={fact}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what the pointer shows, the keyboard must show too
            tabIndex={0}
            onPointerEnter={() => onLight(fact)}
            onPointerLeave={() => onLight(null)}
            onFocus={() => onLight(fact)}
            onBlur={() => onLight(null)}
            className={cn(
              "rounded-xs text-ink decoration-accent underline-offset-4",
              lit === fact
                ? "bg-accent-soft underline decoration-2"
                : "bg-transparent underline decoration-dotted",
              loose?.has(fact) && "decoration-attention",
              wrong && said,
            )}
          >
            <RichText text={text} />
          </mark>
        ),
      )}
    </p>
  );
}

const said = "rounded-xs bg-attention-soft underline decoration-attention decoration-wavy underline-offset-4";
