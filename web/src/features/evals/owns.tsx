import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  Archive,
  ArchiveRestore,
  Download,
  FlaskConical,
  MoreHorizontal,
  Pencil,
  Play,
  Upload,
} from "lucide-react";
import { type ReactNode, useState } from "react";
import { SignDialog } from "@/components/sign-dialog";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { Page } from "@/components/ui/page";
import { RowsLoading } from "@/components/ui/rows";
import { CheckRow } from "@/features/evals/check-row";
import { ImportDialog } from "@/features/evals/import-dialog";
import { exportUrl, type Own, ownQuery } from "@/features/evals/own-queries";
import { OwnSheet } from "@/features/evals/own-sheet";
import { words } from "@/features/evals/own-words";
import { type OwnActs, useOwnActs } from "@/features/evals/use-own-acts";
import { words as shared } from "@/features/evals/words";
import { useClinic } from "@/lib/clinic";
import { relative } from "@/lib/formats";
import { useNow } from "@/lib/use-now";

interface OwnsProps {
  tabs: ReactNode;
  archived: boolean;
  onArchived: (shown: boolean) => void;
  /** The scenario that is open, by its key. */
  chosen: string | undefined;
  onChoose: (key: string | undefined) => void;
}

/** The conversations that this clinic wants always to go well. */
export function Owns({ tabs, archived, onArchived, chosen, onChoose }: OwnsProps) {
  const { slug } = useClinic();
  const found = useQuery(ownQuery(slug, archived));
  const acts = useOwnActs(slug);
  const [importing, setImporting] = useState(false);
  const items = found.data?.items ?? [];
  const playable = items.some((one) => !one.archived_at);
  return (
    <Page
      title={shared.title}
      about={<span className="max-sm:hidden">{words.about}</span>}
      actions={
        <div className="flex gap-2">
          <Button onClick={() => setImporting(true)}>
            <Upload aria-hidden />
            {words.import}
          </Button>
          {playable ? (
            <Button look="primary" disabled={acts.busy} onClick={acts.playAll}>
              <Play aria-hidden />
              {shared.begin}
            </Button>
          ) : null}
        </div>
      }
    >
      {tabs}
      <div className="flex flex-wrap items-center gap-x-4">
        <div className="grow">
          <CheckRow label={words.archived} checked={archived} onChange={onArchived} />
        </div>
        {playable ? (
          <Button asChild look="quiet" size="small">
            <a href={exportUrl(slug)} download>
              <Download aria-hidden />
              {words.export}
            </a>
          </Button>
        ) : null}
      </div>
      {found.isPending ? (
        <RowsLoading bars={["w-1/3"]} />
      ) : found.isError && !items.length ? (
        <ErrorState error={found.error} title={words.failed} onRetry={() => void found.refetch()} />
      ) : items.length ? (
        <ul aria-label={words.list}>
          {items.map((one) => (
            <OwnRow key={one.key} one={one} acts={acts} onOpen={() => onChoose(one.key)} />
          ))}
        </ul>
      ) : (
        <EmptyState
          icon={FlaskConical}
          title={words.empty.title}
          about={words.empty.about}
          action={
            <Button asChild>
              <Link to="/conversas" search={({ clinica }) => (clinica ? { clinica } : {})}>
                {words.empty.go}
              </Link>
            </Button>
          }
        />
      )}
      <OwnSheet chosen={chosen} onClose={() => onChoose(undefined)} />
      {importing ? <ImportDialog onClose={() => setImporting(false)} /> : null}
      <SignDialog {...acts.signing} />
    </Page>
  );
}

function OwnRow({ one, acts, onOpen }: { one: Own; acts: OwnActs; onOpen: () => void }) {
  const { timezone: zone } = useClinic();
  const now = useNow();
  const about = [words.from[one.came_from], relative(one.updated_at, now, zone), one.updated_by];
  return (
    <li className="flex items-start gap-3 border-b border-line py-2 last:border-0">
      <button
        type="button"
        onClick={onOpen}
        className="group min-w-0 grow rounded-sm text-left touch:min-h-11"
      >
        <span className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium group-hover:text-accent">{one.title}</span>
          {one.critical ? <Badge means="attention">{shared.run.critical}</Badge> : null}
          {one.archived_at ? <Badge>{words.isArchived}</Badge> : null}
        </span>
        <span className="block text-small text-ink-soft tabular-nums">
          {about.filter(Boolean).join(" · ")}
        </span>
      </button>
      <Menu>
        <MenuTrigger>
          <Button look="quiet" size="icon" aria-label={words.actions(one.title)}>
            <MoreHorizontal aria-hidden />
          </Button>
        </MenuTrigger>
        <MenuContent align="end">
          <MenuItem disabled={one.archived_at !== null} onSelect={() => acts.play(one.key)}>
            <Play aria-hidden />
            {shared.dialog.confirm}
          </MenuItem>
          <MenuItem asChild>
            <Link
              to="/provas/da-clinica/$prova"
              params={{ prova: one.key }}
              search={({ clinica }) => (clinica ? { clinica } : {})}
            >
              <Pencil aria-hidden />
              {words.edit.open}
            </Link>
          </MenuItem>
          {one.archived_at ? (
            <MenuItem onSelect={() => acts.back(one)}>
              <ArchiveRestore aria-hidden />
              {words.back}
            </MenuItem>
          ) : (
            <MenuItem onSelect={() => acts.archive(one)}>
              <Archive aria-hidden />
              {words.archive}
            </MenuItem>
          )}
        </MenuContent>
      </Menu>
    </li>
  );
}
