import { useQuery } from "@tanstack/react-query";
import { BrainCircuit } from "lucide-react";
import {
  Menu,
  MenuContent,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuTrigger,
} from "@/components/ui/menu";
import { type Model, modelsQuery } from "@/features/playground/queries";
import { ToolButton } from "@/features/playground/tool-button";
import { words } from "@/features/playground/words";

/** What there is to know about a model, in a word or two. */
export function modelNote(model: Model): string {
  const notes = [model.default ? words.model.usual : "", model.offline ? words.model.demo : ""];
  return notes.filter(Boolean).join(", ");
}

interface ModelSelectProps {
  /** A model's name; empty for the clinic's own. */
  chosen: string;
  onChoose: (name: string) => void;
}

/** Which model thinks for Carol in this rehearsal. */
export function ModelSelect({ chosen, onChoose }: ModelSelectProps) {
  const models = useQuery(modelsQuery);
  const current = models.data?.find((model) => (chosen ? model.name === chosen : model.default));
  return (
    <Menu>
      <MenuTrigger>
        <ToolButton
          icon={BrainCircuit}
          label={words.model.button}
          says={current?.label ?? words.model.button}
          pressed={current ? !current.default : false}
        />
      </MenuTrigger>
      <MenuContent align="end">
        <MenuLabel>{models.isError ? words.model.failed : words.model.button}</MenuLabel>
        <MenuRadioGroup
          value={current?.name ?? ""}
          onValueChange={(name) =>
            onChoose(models.data?.find((model) => model.name === name)?.default ? "" : name)
          }
        >
          {models.data?.map((model) => (
            <MenuRadioItem key={model.name} value={model.name}>
              <span className="grid">
                {model.label}
                {modelNote(model) ? (
                  <span className="text-small text-ink-faint">{modelNote(model)}</span>
                ) : null}
              </span>
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  );
}
