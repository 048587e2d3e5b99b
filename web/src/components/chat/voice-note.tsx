import { Captions, Ear, EarOff } from "lucide-react";
import { type ComponentType, useState } from "react";
import { FileCard } from "@/components/chat/file-card";
import { notHeardSaid, voiceWords } from "@/components/chat/file-words";
import type { ChatFile } from "@/components/chat/line";

interface VoiceNoteProps {
  media: ChatFile;
  src: string;
  /** Its bytes can be played. */
  kept: boolean;
  player: ComponentType<{ src: string; name: string; onGone: () => void }>;
}

/** A voice note: the sound, and whether the words under it are what was heard, are still to come, or never will. */
export function VoiceNote({ media, src, kept, player: Player }: VoiceNoteProps) {
  const [gone, setGone] = useState(false);
  const status = media.status ?? "ready";
  const never = status === "refused" || status === "failed";
  return (
    <>
      {gone || !kept ? (
        <FileCard media={media} state={gone ? "gone" : status} />
      ) : (
        <Player src={src} name={media.name} onGone={() => setGone(true)} />
      )}
      <Heard media={media} never={never} waiting={status === "waiting"} />
    </>
  );
}

function Heard({ media, never, waiting }: { media: ChatFile; never: boolean; waiting: boolean }) {
  if (media.transcript)
    return (
      <p className="flex items-center gap-1.5 text-small text-ink-soft">
        <Captions aria-hidden className="size-3.5 shrink-0" />
        {voiceWords.transcript}
      </p>
    );
  if (media.problem && !never)
    return (
      <p className="flex items-start gap-1.5 text-small text-attention">
        <EarOff aria-hidden className="mt-0.5 size-3.5 shrink-0" />
        {notHeardSaid(media.problem)}
      </p>
    );
  if (waiting)
    return (
      <p className="flex items-center gap-1.5 text-small text-ink-soft">
        <Ear aria-hidden className="size-3.5 shrink-0 breathe" />
        {voiceWords.hearing}
      </p>
    );
  return null;
}
