import { CircleAlert, FileUp } from "lucide-react";
import { Button } from "@/components/ui/button";
import { type Upload, uploads } from "@/features/knowledge/uploads";
import { words } from "@/features/knowledge/words";
import { cn } from "@/lib/cn";
import { bytes } from "@/lib/formats";

function said({ state, says, unreachable }: Upload): string {
  if (state === "asking") return words.sending.asks;
  if (state === "waiting") return words.sending.waiting;
  if (state === "sent") return words.sending.sent;
  return [says, unreachable ? words.sending.kept : ""].filter(Boolean).join(" ");
}

function Bar({ name, share }: { name: string; share: number }) {
  const percent = Math.round(share * 100);
  return (
    <div
      role="progressbar"
      aria-label={words.sending.progress(name)}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="my-2 h-1 overflow-hidden rounded-full bg-hover"
    >
      <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${percent}%` }} />
    </div>
  );
}

function Row({ upload }: { upload: Upload }) {
  const { id, file, state, share } = upload;
  const wrong = state === "failed" || state === "refused";
  const Icon = wrong ? CircleAlert : FileUp;
  const moving = state === "waiting" || state === "sending";
  return (
    <li className="flex items-start gap-3 border-b border-line py-2 last:border-0">
      <Icon aria-hidden className={cn("mt-1 size-4 shrink-0", wrong ? "text-urgent" : "text-ink-faint")} />
      <div className="min-w-0 grow">
        <p className="flex gap-2">
          <span className="min-w-0 truncate font-medium">{file.name}</span>
          <span className="shrink-0 text-small leading-6 text-ink-faint tabular-nums">
            {bytes(file.size)}
          </span>
        </p>
        {state === "sending" ? (
          <Bar name={file.name} share={share} />
        ) : (
          <p role="status" className={cn("text-small", wrong ? "text-urgent" : "text-ink-soft")}>
            {said(upload)}
          </p>
        )}
      </div>
      <div className="flex shrink-0 gap-1 max-sm:flex-col">
        {state === "asking" || state === "failed" ? (
          <Button size="small" onClick={() => uploads.send(id)}>
            {state === "asking" ? words.sending.replace : words.sending.again}
          </Button>
        ) : null}
        {state === "sent" ? null : (
          <Button size="small" look="quiet" onClick={() => uploads.drop(id)}>
            {moving || state === "asking" ? words.sending.cancel : words.sending.dismiss}
          </Button>
        )}
      </div>
    </li>
  );
}

/** The files on their way: how far they are, and what to do with those that did not go. */
export function UploadRows({ list }: { list: readonly Upload[] }) {
  if (list.length === 0) return null;
  return (
    <ul aria-label={words.uploads} className="mb-3 rounded-md border border-line bg-surface px-3">
      {list.map((upload) => (
        <Row key={upload.id} upload={upload} />
      ))}
    </ul>
  );
}
