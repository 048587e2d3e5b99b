import { useState } from "react";
import { AudioPlayer } from "@/components/chat/audio-player";
import { FileCard } from "@/components/chat/file-card";
import { fileNamed, kindOf } from "@/components/chat/file-words";
import type { ChatFile } from "@/components/chat/line";
import { VoiceNote } from "@/components/chat/voice-note";
import { words } from "@/components/chat/words";

interface MediaProps {
  media: ChatFile;
  src: string;
}

/** Whether its bytes can be asked for: a voice note is kept before it has been heard. */
function isKept(media: ChatFile): boolean {
  return (media.status ?? "ready") === "ready" || (media.status === "waiting" && media.bytes > 0);
}

function Picture({ media, src }: MediaProps) {
  const [gone, setGone] = useState(false);
  if (gone) return <FileCard media={media} state="gone" />;
  return (
    <>
      <a href={src} target="_blank" rel="noopener" title={words.media.open} className="block">
        <img
          src={src}
          alt={media.name ? `${words.media.image}: ${media.name}` : words.media.image}
          loading="lazy"
          onError={() => setGone(true)}
          // The place is kept before the image comes, so that nothing below it jumps.
          className="my-1 h-48 w-60 max-w-full rounded-md bg-sunken object-cover"
        />
      </a>
      {media.name ? (
        <p className="w-60 max-w-full truncate text-small text-ink-soft">{fileNamed(media)}</p>
      ) : null}
    </>
  );
}

/** The file that came with a message, as far as it came. */
export function Media({ media, src }: MediaProps) {
  const kind = kindOf(media);
  if (kind === "audio")
    return <VoiceNote media={media} src={src} kept={isKept(media)} player={AudioPlayer} />;
  if (!isKept(media)) return <FileCard media={media} state={media.status ?? "waiting"} />;
  if (media.media_type.startsWith("image/")) return <Picture media={media} src={src} />;
  return <FileCard media={media} state="ready" src={src} />;
}
