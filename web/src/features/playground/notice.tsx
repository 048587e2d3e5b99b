import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

interface NoticeProps {
  icon: LucideIcon;
  means: "attention" | "waiting" | "good";
  children: ReactNode;
  action?: ReactNode;
}

const looks = {
  attention: "bg-attention-soft text-attention",
  waiting: "bg-waiting-soft text-waiting",
  good: "bg-good-soft text-good",
};

/** One line that stays for as long as it is true. */
export function Notice({ icon: Icon, means, children, action }: NoticeProps) {
  return (
    <div className={cn("flex items-center gap-2 px-3 py-1.5 text-small", looks[means])}>
      <Icon aria-hidden className="size-4 shrink-0" />
      <p role="status" className="min-w-0 grow wrap-anywhere">
        {children}
      </p>
      {action}
    </div>
  );
}
