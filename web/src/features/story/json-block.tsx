import { CopyButton } from "@/components/copy-button";
import { words } from "@/features/story/words";

/** What does not apply to a step is left out, so that what does can be read. */
function meaningful(_: string, value: unknown): unknown {
  if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  return value;
}

interface JsonBlockProps {
  label: string;
  value: unknown;
  /** Keep even what is empty. */
  whole?: boolean;
}

/** The technical truth, as it is. */
export function JsonBlock({ label, value, whole = false }: JsonBlockProps) {
  const text = JSON.stringify(value, whole ? undefined : meaningful, 2) ?? "";
  return (
    <div className="grid gap-1">
      <div className="flex items-center gap-2">
        <p className="grow text-small font-medium text-ink-soft">{label}</p>
        <CopyButton text={text} label={words.copy} done={words.copied} about={label} />
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take the keyboard (WCAG 2.1.1)
        tabIndex={0}
        className="max-h-64 overflow-auto rounded-md border border-line bg-sunken p-2 font-mono text-small break-words whitespace-pre-wrap [scrollbar-width:thin]"
      >
        {text}
      </pre>
    </div>
  );
}
