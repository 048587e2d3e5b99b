import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LogOut, Monitor, Moon, Search, Sun, SunMoon } from "lucide-react";
import { sessionQuery } from "@/app/queries";
import { words } from "@/app/words";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import {
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuTrigger,
} from "@/components/ui/menu";
import { Select } from "@/components/ui/select";
import type { Clinic } from "@/lib/clinic";
import { signOut } from "@/lib/session";
import { chooseTheme, type Theme, themes, useTheme } from "@/lib/theme";

const searchKeys = words.searchKeys[/Mac|iP/.test(navigator.userAgent) ? "mac" : "others"];
const icons = { light: Sun, dark: Moon, system: Monitor };

interface TopBarProps {
  clinics: readonly Clinic[];
  clinic: Clinic | undefined;
  onSearch: () => void;
}

/** Which clinic this is about, the search, the appearance. */
export function TopBar({ clinics, clinic, onSearch }: TopBarProps) {
  const navigate = useNavigate();
  return (
    <header className="flex min-h-14 shrink-0 items-center gap-2 border-b border-line px-4 sm:px-6">
      {clinics.length > 1 && clinic ? (
        <Select
          label={words.clinic}
          value={clinic.slug}
          options={clinics.map((one) => ({
            value: one.slug,
            label: one.name,
            about: one.demo ? words.demo : undefined,
          }))}
          onChange={(slug) => void navigate({ to: ".", search: { clinica: slug } })}
          className="max-w-64"
        />
      ) : (
        <p className="min-w-0 truncate font-medium">{clinic?.name}</p>
      )}
      {clinic?.demo ? (
        <Badge means="waiting" className={clinics.length > 1 ? "max-sm:sr-only" : undefined}>
          {words.demo}
        </Badge>
      ) : null}
      <span className="grow" />
      <Button
        look="quiet"
        onClick={onSearch}
        aria-keyshortcuts="Control+K Meta+K"
        className="max-sm:w-11 max-sm:px-0"
      >
        <Search aria-hidden />
        <span className="max-sm:sr-only">{words.search}</span>
        <kbd className="font-sans text-small text-ink-faint max-sm:hidden">{searchKeys}</kbd>
      </Button>
      <Appearance />
    </header>
  );
}

function Appearance() {
  const theme = useTheme();
  const session = useQuery(sessionQuery);
  const navigate = useNavigate();
  const queries = useQueryClient();

  async function leave(): Promise<void> {
    await signOut();
    await navigate({ to: "/entrar" });
    // Going back must not show patients to whoever sits here next.
    queries.clear();
  }

  return (
    <Menu>
      <MenuTrigger>
        <Button look="quiet" size="icon" aria-label={words.appearance}>
          <SunMoon aria-hidden />
        </Button>
      </MenuTrigger>
      <MenuContent align="end">
        <MenuLabel>{words.appearance}</MenuLabel>
        <MenuRadioGroup value={theme} onValueChange={(next) => chooseTheme(next as Theme)}>
          {themes.map((one) => {
            const Icon = icons[one];
            return (
              <MenuRadioItem key={one} value={one}>
                <Icon aria-hidden />
                {words.theme[one]}
              </MenuRadioItem>
            );
          })}
        </MenuRadioGroup>
        {session.data?.locked ? (
          <>
            <MenuSeparator />
            <MenuItem onSelect={() => void leave()}>
              <LogOut aria-hidden />
              {words.signOut}
            </MenuItem>
          </>
        ) : null}
      </MenuContent>
    </Menu>
  );
}
