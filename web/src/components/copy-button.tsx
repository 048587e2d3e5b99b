import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";

interface CopyButtonProps {
  text: string;
  label: string;
  /** Said once it is copied. */
  done: string;
  /** What is copied, for who cannot see what stands beside it. */
  about?: string;
}

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label, done, about }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // No clipboard over plain HTTP, or refused: the text is there to be selected.
    }
  }

  return (
    <Button look="quiet" size="small" onClick={() => void copy()}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      <span aria-live="polite">{copied ? done : label}</span>
      {about ? <span className="sr-only">{about}</span> : null}
    </Button>
  );
}
