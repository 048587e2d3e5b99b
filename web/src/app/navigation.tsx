import { Link } from "@tanstack/react-router";
import { type Page, pages } from "@/app/pages";
import { Waiting } from "@/app/waiting";
import { words } from "@/app/words";
import { cn } from "@/lib/cn";

const entry =
  "relative flex min-h-11 items-center gap-3 rounded-md px-3 py-2 text-body [&_svg]:size-5 [&_svg]:shrink-0 max-lg:flex-col max-lg:gap-0.5 max-lg:px-1 max-lg:text-center max-lg:text-small";

function Entry({ page, clinic, className }: { page: Page; clinic: string | undefined; className: string }) {
  const Icon = page.icon;
  if (!page.to) {
    return (
      <span className={cn(className, "text-ink-faint")}>
        <Icon aria-hidden strokeWidth={1.5} className="opacity-70" />
        <span className="flex min-w-0 grow items-baseline justify-between gap-1.5 whitespace-nowrap max-lg:block">
          {page.name}
          <span className="text-small max-lg:sr-only">{words.soon}</span>
        </span>
      </span>
    );
  }
  return (
    <Link
      to={page.to}
      search={(before) => (before.clinica ? { clinica: before.clinica } : {})}
      activeOptions={{ includeSearch: false }}
      className={className}
      inactiveProps={{ className: "text-ink-soft hover:bg-hover hover:text-ink" }}
      activeProps={{ className: "bg-accent-soft font-medium text-accent-strong" }}
    >
      <Icon aria-hidden strokeWidth={1.75} />
      <span className="min-w-0">{page.name}</span>
      {page.to === "/fila" && clinic ? <Waiting clinic={clinic} /> : null}
    </Link>
  );
}

/** All pages, those that do not exist yet muted. */
export function Rail({ clinic }: { clinic: string | undefined }) {
  return (
    <nav
      aria-label={words.mainNavigation}
      className="relative w-56 shrink-0 overflow-y-auto border-r border-line bg-sunken p-2 max-lg:w-28 max-sm:hidden"
    >
      <p className="flex h-10 items-center gap-2 px-3 pb-1 text-title font-semibold tracking-tight max-lg:justify-center max-lg:px-0">
        <img src="/carol.svg" alt="" className="size-6" />
        {words.product}
      </p>
      <ul className="grid gap-0.5">
        {pages.map((page) => (
          <li key={page.name}>
            <Entry page={page} clinic={clinic} className={entry} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** On a phone: the pages that exist. */
export function BottomBar({ clinic }: { clinic: string | undefined }) {
  return (
    <nav
      aria-label={words.mainNavigation}
      className="shrink-0 border-t border-line bg-sunken pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      <ul className="flex overflow-x-auto [scrollbar-width:none]">
        {pages
          .filter((page) => page.to)
          .map((page) => (
            <li key={page.name} className="min-w-13 shrink-0 grow">
              <Entry
                page={page}
                clinic={clinic}
                className="relative flex min-h-14 flex-col px-1.5 items-center justify-center gap-0.5 text-small -outline-offset-2 [&_svg]:size-5"
              />
            </li>
          ))}
      </ul>
    </nav>
  );
}
