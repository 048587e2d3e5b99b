import { Clock as ClockIcon } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { fromWall, presetNames, presetWall, toWall } from "@/features/playground/clock";
import { ToolButton } from "@/features/playground/tool-button";
import type { Clock } from "@/features/playground/use-clock";
import { words } from "@/features/playground/words";
import { dayAndTime } from "@/lib/formats";

/** By which clock Carol reads "hoje". */
export function ClockControl({ clock, zone }: { clock: Clock; zone: string }) {
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <Menu>
        <MenuTrigger>
          <ToolButton
            icon={ClockIcon}
            label={words.clock.button}
            says={words.clock.button}
            pressed={clock.set}
          />
        </MenuTrigger>
        <MenuContent align="end">
          <MenuItem onSelect={() => clock.change(null)}>
            <TwoLines name={words.clock.now} about={words.clock.nowAbout} />
          </MenuItem>
          <MenuSeparator />
          {presetNames.map((preset) => {
            const at = fromWall(presetWall(preset, Date.now(), zone), zone);
            return (
              <MenuItem key={preset} onSelect={() => clock.change(at)}>
                <TwoLines name={words.clock.presets[preset]} about={dayAndTime(at, zone, Date.now())} />
              </MenuItem>
            );
          })}
          <MenuSeparator />
          <MenuItem onSelect={() => setChoosing(true)}>{words.clock.choose}</MenuItem>
        </MenuContent>
      </Menu>
      <Dialog open={choosing} onOpenChange={setChoosing} title={words.clock.title} about={words.clock.about}>
        <Chooser
          first={toWall(clock.now, zone)}
          zone={zone}
          onSet={(at) => {
            clock.change(at);
            setChoosing(false);
          }}
        />
      </Dialog>
    </>
  );
}

function TwoLines({ name, about }: { name: string; about: string }) {
  return (
    <span className="grid">
      {name}
      <span className="text-small text-ink-faint tabular-nums">{about}</span>
    </span>
  );
}

interface ChooserProps {
  first: string;
  zone: string;
  onSet: (at: number) => void;
}

function Chooser({ first, zone, onSet }: ChooserProps) {
  const [wall, setWall] = useState(first);
  const [wrong, setWrong] = useState(false);

  function submit(event: FormEvent): void {
    event.preventDefault();
    const at = fromWall(wall, zone);
    setWrong(Number.isNaN(at));
    if (!Number.isNaN(at)) onSet(at);
  }

  return (
    <form onSubmit={submit} noValidate className="flex flex-wrap items-end gap-2 pt-2">
      <Field label={words.clock.field} error={wrong ? words.clock.wrong : undefined} className="grow">
        {(control) => (
          <Input
            {...control}
            data-first=""
            type="datetime-local"
            min="2000-01-01T00:00"
            max="2099-12-31T23:59"
            value={wall}
            onChange={(event) => setWall(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" look="primary">
        {words.clock.set}
      </Button>
    </form>
  );
}
