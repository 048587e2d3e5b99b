import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

interface PageProps {
  /** What the page is called, here and in the browser's tab. */
  title: string;
  /** One line beside the title. */
  about?: ReactNode;
  /** At most one primary button. */
  actions?: ReactNode;
  children: ReactNode;
  /** Takes exactly the height of the screen; what is inside scrolls by itself. */
  fixed?: boolean;
  className?: string;
}

/** A page: its title, one primary action, its content. */
export function Page({ title, about, actions, children, fixed = false, className }: PageProps) {
  return (
    <div className={cn("flex min-w-0 flex-col", fixed && "h-full min-h-0")}>
      <title>{`${title} · Carol`}</title>
      <header className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2 sm:px-6">
        <h1 className="text-page font-semibold tracking-tight">{title}</h1>
        {about ? (
          <div className="min-w-0 grow text-small text-ink-soft">{about}</div>
        ) : (
          <span className="grow" />
        )}
        {actions}
      </header>
      <div className={cn("min-w-0 grow px-4 pb-4 sm:px-6 sm:pb-6", fixed && "min-h-0", className)}>
        {children}
      </div>
    </div>
  );
}
