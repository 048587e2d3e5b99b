import { Loading, Skeleton } from "@/components/ui/skeleton";

const bubbles = ["w-40", "ml-auto w-48", "w-56", "ml-auto w-32"];

/** The shape of the room: toolbar, chat, story, agenda. */
export function RoomSkeleton() {
  return (
    <Loading className="grid h-full grid-cols-[380px_1fr_360px] grid-rows-[auto_1fr] gap-4 p-4 max-xl:grid-cols-[380px_1fr] max-lg:grid-cols-1 sm:px-6">
      <Skeleton className="col-span-full h-9 w-40" />
      <div className="flex flex-col gap-4 rounded-lg border border-line p-4">
        <Skeleton className="h-9" />
        {bubbles.map((width) => (
          <Skeleton key={width} className={`h-10 ${width}`} />
        ))}
      </div>
      <div className="grid content-start gap-3 max-lg:hidden">
        <Skeleton className="h-6 w-48" />
        <Skeleton />
        <Skeleton className="w-3/4" />
      </div>
      <Skeleton className="h-full max-xl:hidden" />
    </Loading>
  );
}
