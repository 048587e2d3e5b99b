import { Button } from "@/components/ui/button";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";

interface RowsLoadingProps {
  /** How wide the bars of each row are, from its title down. */
  bars?: readonly string[];
  className?: string;
}

const titles = ["w-1/2", "w-2/5", "w-3/5", "w-1/3"];

/** Rows that are on their way, in their own shape. */
export function RowsLoading({ bars = ["w-2/3"], className }: RowsLoadingProps) {
  return (
    <Loading>
      {titles.map((title) => (
        <div key={title} className={cn("grid gap-2 border-b border-line py-3", className)}>
          <Skeleton className={title} />
          {bars.map((bar) => (
            <Skeleton key={bar} className={cn("h-3", bar)} />
          ))}
        </div>
      ))}
    </Loading>
  );
}

interface MoreRowsProps {
  label: string;
  found: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** Brings the next page of a list, while there is one. */
export function MoreRows({ label, found }: MoreRowsProps) {
  if (!found.hasNextPage) return null;
  return (
    <div className="flex justify-center p-2">
      <Button
        look="quiet"
        size="small"
        disabled={found.isFetchingNextPage}
        onClick={() => void found.fetchNextPage()}
      >
        {label}
      </Button>
    </div>
  );
}

/** Each row once, by its id: what is told anew while pages are read may be in two of them. */
export function once<Row extends { id: string }>(
  pages: readonly { items: readonly Row[] }[] | undefined,
): Row[] {
  return [...new Map(pages?.flatMap((page) => page.items).map((one) => [one.id, one])).values()];
}
