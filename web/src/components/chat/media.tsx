import { Paperclip } from "lucide-react";
import { useState } from "react";
import { AudioPlayer } from "@/components/chat/audio-player";
import type { ChatLine } from "@/components/chat/line";
import { words } from "@/components/chat/words";

interface MediaProps {
  media: NonNullable<ChatLine["media"]>;
  src: string;
}

function Picture({ media, src }: MediaProps) {
  const [gone, setGone] = useState(false);
  if (gone) return <p className="text-small text-ink-soft">{words.media.gone}</p>;
  return (
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
  );
}

/** The file that came with a message. */
export function Media({ media, src }: MediaProps) {
  if (media.media_type.startsWith("image/")) return <Picture media={media} src={src} />;
  if (media.media_type.startsWith("audio/")) return <AudioPlayer src={src} name={media.name} />;
  return (
    <a href={src} download={media.name} className="flex items-center gap-2 py-1 underline underline-offset-2">
      <Paperclip aria-hidden className="size-4 shrink-0" />
      <span className="min-w-0 break-words">{media.name || words.media.file}</span>
    </a>
  );
}
