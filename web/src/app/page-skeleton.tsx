import { Loading, Skeleton } from "@/components/ui/skeleton";

/** The shape of any page: a title and rows. */
export function PageSkeleton() {
  return (
    <Loading className="grid gap-3 p-4 sm:p-6">
      <Skeleton className="h-8 w-48" />
      <Skeleton className="mt-4 h-10" />
      <Skeleton className="h-10" />
      <Skeleton className="h-10 w-2/3" />
    </Loading>
  );
}
