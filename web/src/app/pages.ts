import {
  BookOpen,
  CalendarClock,
  CalendarDays,
  ClipboardCheck,
  FileText,
  Inbox,
  type LucideIcon,
  MessagesSquare,
  Settings,
  Theater,
  Users,
} from "lucide-react";
import { words } from "@/app/words";

export interface Page {
  name: string;
  icon: LucideIcon;
  /** Absent while the page does not exist yet. */
  to?: "/ensaio" | "/fila" | "/conversas" | "/agenda" | "/conhecimento" | "/provas" | "/relatorios";
}

/** The rail, in order. */
export const pages: readonly Page[] = [
  { name: words.pages.rehearsal, icon: Theater, to: "/ensaio" },
  { name: words.pages.queue, icon: Inbox, to: "/fila" },
  { name: words.pages.conversations, icon: MessagesSquare, to: "/conversas" },
  { name: words.pages.agenda, icon: CalendarDays, to: "/agenda" },
  { name: words.pages.patients, icon: Users },
  { name: words.pages.reports, icon: FileText, to: "/relatorios" },
  { name: words.pages.rota, icon: CalendarClock },
  { name: words.pages.knowledge, icon: BookOpen, to: "/conhecimento" },
  { name: words.pages.evals, icon: ClipboardCheck, to: "/provas" },
  { name: words.pages.settings, icon: Settings },
];
