import { PanelRightClose, PanelRightOpen } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Segmented } from "@/components/ui/segmented";
import { useWide } from "@/features/playground/use-wide";
import { words } from "@/features/playground/words";
import { cn } from "@/lib/cn";
import { useDraft } from "@/lib/draft";

type Panel = "chat" | "story" | "agenda";

type News = Record<Panel, string> & { of: string };

interface PanelsProps {
  chat: ReactNode;
  story: ReactNode;
  agenda: ReactNode;
  /** Something that changes when there is news in a panel; null while it is being read. */
  news: News | null;
}

/** Chat, story and agenda: side by side where there is room, else one at a time. */
export function Panels({ chat, story, agenda, news }: PanelsProps) {
  const three = useWide(80);
  const two = useWide(64);
  const [panel, setPanel] = useState<Panel>("chat");
  const [hidden, setHidden] = useDraft("rehearsal.agenda.hidden");
  const shown: Panel = two && panel === "chat" ? "story" : panel;
  const fresh = useNews(news, three ? null : two ? ["chat", shown] : [shown]);

  if (three) {
    return (
      <div
        className={cn(
          "grid min-h-0 grow gap-4",
          hidden ? "grid-cols-[380px_minmax(0,1fr)_auto]" : "grid-cols-[380px_minmax(0,1fr)_360px]",
        )}
      >
        {chat}
        <Column label={words.panels.story}>{story}</Column>
        {hidden ? (
          <Button
            look="quiet"
            size="icon"
            aria-label={`${words.show}: ${words.panels.agenda}`}
            title={`${words.show}: ${words.panels.agenda}`}
            onClick={() => setHidden("")}
          >
            <PanelRightOpen aria-hidden />
          </Button>
        ) : (
          <Column
            label={words.panels.agenda}
            action={
              <Button
                look="quiet"
                size="icon"
                aria-label={`${words.hide}: ${words.panels.agenda}`}
                title={`${words.hide}: ${words.panels.agenda}`}
                onClick={() => setHidden("yes")}
              >
                <PanelRightClose aria-hidden />
              </Button>
            }
          >
            {agenda}
          </Column>
        )}
      </div>
    );
  }

  const choices: Panel[] = two ? ["story", "agenda"] : ["chat", "story", "agenda"];
  const segments = (
    <Segmented
      label={words.panels.label}
      value={shown}
      onChange={setPanel}
      className="w-full shrink-0 *:grow *:px-1"
      options={choices.map((value) => ({
        value,
        label: (
          <>
            {words.panels[value]}
            {fresh.has(value) ? (
              <>
                <span aria-hidden className="size-1.5 rounded-full bg-accent" />
                <span className="sr-only">{words.panels.news}</span>
              </>
            ) : null}
          </>
        ),
      }))}
    />
  );
  const other = shown === "agenda" ? agenda : story;
  if (!two) {
    return (
      <div className="flex min-h-0 grow flex-col gap-2">
        {segments}
        {shown === "chat" ? (
          <div className="grid min-h-0 grow grid-rows-[minmax(0,1fr)]">{chat}</div>
        ) : (
          <Column label={words.panels[shown]} bare>
            {other}
          </Column>
        )}
      </div>
    );
  }
  return (
    <div className="grid min-h-0 grow grid-cols-[380px_minmax(0,1fr)] gap-4">
      {chat}
      <div className="flex min-h-0 flex-col gap-2">
        {segments}
        <Column label={words.panels[shown]} bare>
          {other}
        </Column>
      </div>
    </div>
  );
}

interface ColumnProps {
  label: string;
  action?: ReactNode;
  /** Its name stands above it already. */
  bare?: boolean;
  children: ReactNode;
}

function Column({ label, action, bare = false, children }: ColumnProps) {
  return (
    <div className="flex min-h-0 min-w-0 grow flex-col overflow-hidden rounded-lg border border-line bg-surface">
      <header
        className={cn(
          "flex h-12 shrink-0 items-center gap-2 border-b border-line pr-1.5 pl-4",
          bare && "sr-only",
        )}
      >
        <h2 className="grow font-medium">{label}</h2>
        {action}
      </header>
      <div className="min-h-0 grow overflow-y-auto [scrollbar-width:thin]">{children}</div>
    </div>
  );
}

const names: readonly Panel[] = ["chat", "story", "agenda"];

/** Which panels have changed since they were last in sight. `seen` null: all are. */
function useNews(news: News | null, seen: readonly Panel[] | null): Set<Panel> {
  const known = useRef<News | null>(null);
  if (known.current?.of !== news?.of) known.current = news;
  const before = known.current;
  const inSight = (name: Panel) => !seen || seen.includes(name);
  useEffect(() => {
    if (!news || !before) return;
    const next = { ...before };
    for (const name of names) if (!seen || seen.includes(name)) next[name] = news[name];
    known.current = next;
  });
  if (!news || !before) return new Set();
  return new Set(names.filter((name) => !inSight(name) && before[name] !== news[name]));
}
