import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { useEffect, useState } from "react";
import { pages } from "@/app/pages";
import { foundConversationsQuery } from "@/app/queries";
import { words } from "@/app/words";
import { type Command, CommandPalette } from "@/components/ui/command-palette";
import type { Clinic } from "@/lib/clinic";
import { phone } from "@/lib/formats";
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

/** What is typed, once the typing rests. */
function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), 150);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

/** Goes to a page, a conversation or a clinic, or changes the appearance, by typing. */
export function Palette({ open, onOpenChange, clinics, clinic }: PaletteProps) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const asked = useRested(open ? typed.trim() : "");
  const found = useQuery(foundConversationsQuery(clinic?.slug, asked));
  const search = clinic ? { clinica: clinic.slug } : {};
  const commands: Command[] = [
    ...pages.flatMap(({ name, icon, to }) =>
      to ? [{ id: to, name, kind: words.palette.page, icon, run: () => void navigate({ to, search }) }] : [],
    ),
    ...(asked ? (found.data?.items ?? []) : []).map(({ id, contact }) => ({
      id: `conversation ${id}`,
      name: contact.name || phone(contact.address),
      kind: words.palette.conversation,
      icon: MessagesSquare,
      found: true,
      run: () => void navigate({ to: "/conversas/$conversa", params: { conversa: id }, search }),
    })),
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
      onOpenChange={(next) => {
        setTyped("");
        onOpenChange(next);
      }}
      title={words.palette.title}
      label={words.palette.label}
      placeholder={words.palette.placeholder}
      results={words.palette.results}
      commands={commands}
      onType={setTyped}
    />
  );
}
