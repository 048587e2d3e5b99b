import { Pause, Play } from "lucide-react";
import { useRef, useState } from "react";
import { words } from "@/components/chat/words";
import { Button } from "@/components/ui/button";
import { countdown } from "@/lib/formats";

function clock(seconds: number): string {
  return countdown(Math.round(seconds) * 1000, 0);
}

interface AudioPlayerProps {
  src: string;
  name: string;
  /** Its sound cannot be had. */
  onGone: () => void;
}

/** A sound: play, where it stands, how long it is. */
export function AudioPlayer({ src, name, onGone }: AudioPlayerProps) {
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);

  function toggle(): void {
    if (playing) audio.current?.pause();
    else audio.current?.play().catch(onGone);
  }

  function measure(): void {
    const found = audio.current?.duration ?? 0;
    if (Number.isFinite(found)) setLength(found);
  }

  return (
    <div className="flex w-60 max-w-full items-center gap-2 py-1">
      {/* biome-ignore lint/a11y/useMediaCaption: a voice note's words, when known, are the text of its bubble */}
      <audio
        ref={audio}
        src={src}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onLoadedMetadata={measure}
        onDurationChange={measure}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onError={onGone}
      />
      <Button
        size="icon"
        look="quiet"
        className="rounded-full border border-line-strong bg-surface"
        aria-label={`${playing ? words.media.pause : words.media.play}: ${name || words.media.audio}`}
        onClick={toggle}
      >
        {playing ? <Pause aria-hidden /> : <Play aria-hidden />}
      </Button>
      <input
        type="range"
        aria-label={words.media.position}
        aria-valuetext={`${clock(at)} / ${clock(length)}`}
        min={0}
        max={length || 1}
        step={0.1}
        value={Math.min(at, length || 1)}
        onChange={(event) => {
          if (audio.current) audio.current.currentTime = Number(event.target.value);
          setAt(Number(event.target.value));
        }}
        className="h-9 min-w-0 grow accent-accent"
      />
      <span className="text-small text-ink-soft tabular-nums">{clock(playing || at ? at : length)}</span>
    </div>
  );
}
