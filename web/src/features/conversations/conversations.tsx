import { MessagesSquare, Search } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/input";
import { ScrollArea } from "@/components/ui/scroll-area";
import { Segmented } from "@/components/ui/segmented";
import { ConversationList } from "@/features/conversations/conversation-list";
import { type Filter, filters } from "@/features/conversations/queries";
import { words } from "@/features/conversations/words";
import { cn } from "@/lib/cn";

const PAUSE = 250;

interface ConversationsProps {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  search: string;
  onSearch: (search: string) => void;
  /** The conversation that is open; on a phone it takes the place of the list. */
  children?: ReactNode;
}

/** The list of conversations beside the one that is open. */
export function Conversations({ filter, onFilter, search, onSearch, children }: ConversationsProps) {
  const [typed, setTyped] = useTyped(search, onSearch);
  return (
    <div className="flex h-full min-h-0">
      <title>{`${words.title} · Carol`}</title>
      <div
        className={cn(
          "flex min-h-0 w-full shrink-0 flex-col lg:w-90 lg:border-r lg:border-line",
          children && "max-lg:sr-only",
        )}
      >
        <h1 className="px-4 pt-3 pb-2 text-page font-semibold tracking-tight">{words.title}</h1>
        <div className={cn("contents", children && "max-lg:hidden")}>
          <div className="grid gap-2 border-b border-line px-4 pb-3">
            <div className="relative">
              <Search
                aria-hidden
                className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-ink-faint"
              />
              <Input
                type="search"
                aria-label={words.search}
                placeholder={words.searchBy}
                maxLength={100}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                className="pl-9"
              />
            </div>
            <Segmented
              label={words.filter}
              value={filter}
              options={filters.map((value) => ({ value, label: words.filters[value] }))}
              onChange={onFilter}
              className="*:grow *:px-2"
            />
          </div>
          <ScrollArea label={words.list} className="grow">
            <ConversationList filter={filter} search={search} onClear={() => setTyped("")} />
          </ScrollArea>
        </div>
      </div>
      {children ?? (
        <div className="grid min-w-0 grow place-items-center max-lg:hidden">
          <EmptyState icon={MessagesSquare} title={words.none.chosen} about={words.none.chosenAbout} />
        </div>
      )}
    </div>
  );
}

/** What is typed at once, and told once the fingers rest. */
function useTyped(search: string, onSearch: (search: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState(search);
  const [told, setTold] = useState(search);
  if (told !== search) {
    setTold(search);
    if (typed.trim() !== search) setTyped(search);
  }
  useEffect(() => {
    if (typed.trim() === search) return;
    const timer = setTimeout(() => onSearch(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [typed, search, onSearch]);
  return [typed, setTyped];
}
