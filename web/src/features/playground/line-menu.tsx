import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { modelNote } from "@/features/playground/model-select";
import { modelsQuery } from "@/features/playground/queries";
import { words } from "@/features/playground/words";

interface LineMenuProps {
  busy: boolean;
  /** Without a model: the one of this rehearsal. */
  onBack: (model?: string) => void;
}

/** What can be done with something the patient said. */
export function LineMenu({ busy, onBack }: LineMenuProps) {
  const models = useQuery(modelsQuery);
  return (
    <Menu>
      <MenuTrigger>
        <Button
          look="quiet"
          size="icon"
          aria-label={words.chat.lineMenu}
          title={words.chat.lineMenu}
          disabled={busy}
        >
          <History aria-hidden />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuItem onSelect={() => onBack()}>{words.branch.back}</MenuItem>
        {models.data?.length ? (
          <>
            <MenuSeparator />
            <MenuLabel>{words.branch.with}</MenuLabel>
            {models.data.map((model) => (
              <MenuItem key={model.name} onSelect={() => onBack(model.default ? "" : model.name)}>
                {model.label}
                {modelNote(model) ? (
                  <span className="text-small text-ink-faint">{modelNote(model)}</span>
                ) : null}
              </MenuItem>
            ))}
          </>
        ) : null}
      </MenuContent>
    </Menu>
  );
}
