import { useMutation } from "@tanstack/react-query";
import { Clapperboard } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/dialog";
import { Textarea } from "@/components/ui/input";
import { play as send, type Voice } from "@/features/playground/commands";
import { type Play, type Played, plays } from "@/features/playground/outcomes";
import { ToolButton } from "@/features/playground/tool-button";
import { words } from "@/features/playground/words";
import { explain } from "@/lib/problem";

interface SituationsProps {
  rehearsal: string;
  voice: () => Voice;
  onPlayed: (played: Played) => void;
}

/** What goes wrong in real life, played with one click. */
export function Situations(props: SituationsProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <ToolButton
        icon={Clapperboard}
        label={words.situations.button}
        says={words.situations.button}
        onClick={() => setOpen(true)}
      />
      <Sheet open={open} onOpenChange={setOpen} title={words.situations.title} about={words.situations.about}>
        <ul className="grid gap-4 pt-2">
          {plays.map((play) => (
            <li key={play}>
              <Situation
                {...props}
                play={play}
                onPlayed={(played) => {
                  setOpen(false);
                  props.onPlayed(played);
                }}
              />
            </li>
          ))}
        </ul>
      </Sheet>
    </>
  );
}

function Situation({ rehearsal, voice, onPlayed, play }: SituationsProps & { play: Play }) {
  const about = words.situations[play];
  const [texts, setTexts] = useState<string[]>([...about.texts]);
  const playing = useMutation({
    mutationFn: () =>
      send(
        rehearsal,
        voice(),
        play,
        texts.filter((text) => text.trim()),
      ),
    onSuccess: (said) => onPlayed({ play, said }),
  });
  return (
    <section aria-label={about.name} className="grid gap-2 rounded-md border border-line p-3">
      <div>
        <h3 className="font-medium">{about.name}</h3>
        <p className="text-small text-ink-soft">{about.about}</p>
      </div>
      {texts.map((text, index) => (
        <Textarea
          // biome-ignore lint/suspicious/noArrayIndexKey: the boxes neither move nor go
          key={index}
          rows={1}
          maxLength={4096}
          aria-label={texts.length > 1 ? `${words.situations.text} ${index + 1}` : words.situations.text}
          className="max-h-24 text-small"
          value={text}
          onChange={(event) => setTexts(texts.with(index, event.target.value))}
        />
      ))}
      {playing.isError ? (
        <p role="alert" className="text-small text-urgent">
          {explain(playing.error)}
        </p>
      ) : null}
      <Button
        size="small"
        className="justify-self-end"
        disabled={playing.isPending || texts.every((text) => !text.trim())}
        onClick={() => playing.mutate()}
      >
        {playing.isPending ? words.situations.playing : words.situations.play}
      </Button>
    </section>
  );
}
