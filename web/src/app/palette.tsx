import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { pages } from "@/app/pages";
import { words } from "@/app/words";
import { type Command, CommandPalette } from "@/components/ui/command-palette";
import type { Clinic } from "@/lib/clinic";
import { chooseTheme, themes } from "@/lib/theme";

interface PaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  clinics: readonly Clinic[];
  clinic: Clinic | undefined;
}

/** Cmd or Ctrl and K, anywhere. */
export function usePaletteKey(setOpen: (open: boolean) => void): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, [setOpen]);
}

/** Goes to a page or a clinic, or changes the appearance, by typing. */
export function Palette({ open, onOpenChange, clinics, clinic }: PaletteProps) {
  const navigate = useNavigate();
  const search = clinic ? { clinica: clinic.slug } : {};
  const commands: Command[] = [
    ...pages.flatMap(({ name, icon, to }) =>
      to ? [{ id: to, name, kind: words.palette.page, icon, run: () => void navigate({ to, search }) }] : [],
    ),
    ...clinics.map((one) => ({
      id: `clinic ${one.slug}`,
      name: one.name,
      kind: one.demo ? `${words.palette.clinic}, ${words.demo}` : words.palette.clinic,
      run: () => void navigate({ to: ".", search: { clinica: one.slug } }),
    })),
    ...themes.map((theme) => ({
      id: `theme ${theme}`,
      name: words.theme[theme],
      kind: words.palette.theme,
      run: () => chooseTheme(theme),
    })),
  ];
  return (
    <CommandPalette
      open={open}
      onOpenChange={onOpenChange}
      title={words.palette.title}
      label={words.palette.label}
      placeholder={words.palette.placeholder}
      results={words.palette.results}
      commands={commands}
    />
  );
}
