import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { daysLater } from "@/features/agenda/times";
import { words } from "@/features/agenda/words";
import { longDay, day as shortDay } from "@/lib/formats";

interface DayNavProps {
  day: string;
  /** The day it is, on the clock the agenda is seen with. */
  today: string;
  onDay: (day: string) => void;
  compact: boolean;
}

/** Which day, and the ways to another. */
export function DayNav({ day, today, onDay, compact }: DayNavProps) {
  const input = useRef<HTMLInputElement>(null);
  const noon = `${day}T12:00:00Z`;

  function pick(): void {
    try {
      input.current?.showPicker();
    } catch {
      input.current?.focus();
    }
  }

  return (
    <div className="flex items-center gap-1">
      <Button look="quiet" size="icon" aria-label={words.previous} onClick={() => onDay(daysLater(day, -1))}>
        <ChevronLeft aria-hidden />
      </Button>
      <Button look="quiet" size="icon" aria-label={words.next} onClick={() => onDay(daysLater(day, 1))}>
        <ChevronRight aria-hidden />
      </Button>
      <h2 aria-live="polite" className="min-w-0 grow truncate font-semibold first-letter:uppercase sm:px-1">
        <time dateTime={day} className="normal-nums">
          <span className={compact ? undefined : "sm:hidden"}>
            {shortDay(noon, "UTC", `${today}T12:00:00Z`)}
          </span>
          {compact ? null : (
            <span className="max-sm:hidden">
              {longDay(noon, "UTC")}
              {day.slice(0, 4) === today.slice(0, 4) ? null : `, ${day.slice(0, 4)}`}
            </span>
          )}
        </time>
      </h2>
      <Button size="small" disabled={day === today} onClick={() => onDay(today)}>
        {words.today}
      </Button>
      <span className="relative">
        <Button look="quiet" size="icon" aria-label={words.pick} onClick={pick}>
          <CalendarDays aria-hidden />
        </Button>
        <input
          ref={input}
          type="date"
          aria-label={words.pick}
          tabIndex={-1}
          value={day}
          onChange={(event) => event.target.value && onDay(event.target.value)}
          className="pointer-events-none absolute right-0 bottom-0 size-px opacity-0"
        />
      </span>
    </div>
  );
}
