import {
  CircleSlash,
  Download,
  File,
  FileAudio,
  FileImage,
  FileText,
  FileVideo,
  Hourglass,
  Trash2,
} from "lucide-react";
import { type MouseEvent, useState } from "react";
import { fileFacts, fileNamed, fileStateSaid, kindOf } from "@/components/chat/file-words";
import type { ChatFile } from "@/components/chat/line";
import { words } from "@/components/chat/words";
import { cn } from "@/lib/cn";

const icons = {
  audio: FileAudio,
  image: FileImage,
  sticker: FileImage,
  video: FileVideo,
  document: FileText,
};
const stateIcons = { waiting: Hourglass, refused: CircleSlash, failed: CircleSlash, gone: Trash2 };

interface FileCardProps {
  media: ChatFile;
  /** waiting, ready, refused, failed or gone */
  state: string;
  /** Where its bytes are, when they are kept. */
  src?: string;
}

/** A file by its name: what it is, how large, what became of it, and the way to have it. */
export function FileCard({ media, state, src }: FileCardProps) {
  const [gone, setGone] = useState(false);
  const now = gone ? "gone" : state;
  const Icon = icons[kindOf(media) as keyof typeof icons] ?? File;
  const StateIcon = stateIcons[now as keyof typeof stateIcons];
  const kept = now === "ready";
  const wrong = now === "refused" || now === "failed";

  // A file that is gone would open an error instead of a page: whether it is there is asked first.
  async function fetchIt(event: MouseEvent<HTMLAnchorElement>): Promise<void> {
    event.preventDefault();
    const { href, download } = event.currentTarget;
    const part = await fetch(href, { headers: { Range: "bytes=0-0" } }).catch(() => null);
    if (part?.status === 404) setGone(true);
    else Object.assign(document.createElement("a"), { href, download }).click();
  }

  return (
    <div className="my-1 flex w-72 max-w-full items-center gap-2.5 rounded-md border border-line bg-ground p-2">
      <Icon aria-hidden className="size-6 shrink-0 text-ink-faint" />
      <div className="min-w-0 grow">
        <p className="truncate font-medium" title={fileNamed(media)}>
          {fileNamed(media)}
        </p>
        <p className="text-small text-ink-soft">
          {[...fileFacts(media, kept), ...(kept ? [fileStateSaid(now, null)] : [])].join(" · ")}
        </p>
        {kept ? null : (
          <p className={cn("flex items-start gap-1 text-small", wrong ? "text-attention" : "text-ink-soft")}>
            {StateIcon ? <StateIcon aria-hidden className="mt-0.5 size-3.5 shrink-0" /> : null}
            {fileStateSaid(now, media.problem)}
          </p>
        )}
      </div>
      {src && kept ? (
        <a
          href={src}
          download={fileNamed(media)}
          onClick={(event) => void fetchIt(event)}
          aria-label={`${words.media.download}: ${fileNamed(media)}`}
          title={words.media.download}
          className="grid size-9 shrink-0 place-items-center rounded-md hover:bg-hover touch:size-11"
        >
          <Download aria-hidden className="size-5" />
        </a>
      ) : null}
    </div>
  );
}
