import { words } from "@/components/chat/words";
import { Button } from "@/components/ui/button";

interface QuickRepliesProps {
  replies: readonly { label: string; text: string }[];
  onChoose: (text: string) => void;
}

/** What could be answered with one touch. */
export function QuickReplies({ replies, onChoose }: QuickRepliesProps) {
  if (replies.length === 0) return null;
  return (
    <ul
      aria-label={words.composer.quick}
      className="flex max-h-28 flex-wrap gap-1.5 overflow-y-auto max-sm:flex-nowrap max-sm:overflow-x-auto"
    >
      {replies.map((reply) => (
        <li key={`${reply.label} ${reply.text}`} className="max-w-full max-sm:shrink-0">
          <Button
            size="small"
            className="max-w-full rounded-full border-accent text-accent"
            title={reply.text}
            onClick={() => onChoose(reply.text)}
          >
            <span className="truncate">{reply.label}</span>
          </Button>
        </li>
      ))}
    </ul>
  );
}
