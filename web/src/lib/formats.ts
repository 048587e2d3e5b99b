/**
 * How the console writes days, times, money and lengths: pt-BR, and always in the clinic's time zone, never the browser's.
 */
export type Instant = Date | string | number;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const made = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${zone} ${JSON.stringify(options)}`;
  const found = made.get(name) ?? new Intl.DateTimeFormat("pt-BR", { timeZone: zone, ...options });
  made.set(name, found);
  return found;
}

function parts(at: Instant, zone: string, options: Intl.DateTimeFormatOptions): Record<string, string> {
  const found = formatter(zone, options).formatToParts(new Date(at));
  return Object.fromEntries(found.map((part) => [part.type, part.value.replace(".", "")]));
}

/** "15:00" */
export function time(at: Instant, zone: string): string {
  return formatter(zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

/** "ter, 24 nov"; the year is said when it is not the one of `now`. */
export function day(at: Instant, zone: string, now?: Instant): string {
  const said = parts(at, zone, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
  const words = `${said.weekday}, ${said.day} ${said.month}`;
  if (now === undefined || isoDay(at, zone).slice(0, 4) === isoDay(now, zone).slice(0, 4)) return words;
  return `${words} ${said.year}`;
}

/** "ter, 24 nov, 15:00" */
export function dayAndTime(at: Instant, zone: string, now?: Instant): string {
  return `${day(at, zone, now)}, ${time(at, zone)}`;
}

/** "terça-feira, 24 de novembro" */
export function longDay(at: Instant, zone: string): string {
  return formatter(zone, { weekday: "long", day: "numeric", month: "long" }).format(new Date(at));
}

/** "2026-11-24", the day it is there at that instant. */
export function isoDay(at: Instant, zone: string): string {
  const said = parts(at, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  return `${said.year}-${said.month}-${said.day}`;
}

/** "hoje", "ontem", "amanhã", else "ter, 24 nov". */
export function nearDay(at: Instant, now: Instant, zone: string): string {
  const apart = Math.round((Date.parse(isoDay(at, zone)) - Date.parse(isoDay(now, zone))) / DAY);
  return { "-1": "ontem", "0": "hoje", "1": "amanhã" }[String(apart)] ?? day(at, zone, now);
}

/** "agora", "há 5 min", "em 2 h", "ontem, 15:00", else the day and time. */
export function relative(at: Instant, now: Instant, zone: string): string {
  const apart = new Date(at).getTime() - new Date(now).getTime();
  const length = Math.abs(apart);
  if (length < MINUTE) return "agora";
  if (length >= 12 * HOUR) return `${nearDay(at, now, zone)}, ${time(at, zone)}`;
  const words = length < HOUR ? `${Math.floor(length / MINUTE)} min` : `${Math.floor(length / HOUR)} h`;
  return apart < 0 ? `há ${words}` : `em ${words}`;
}

/** "340 ms", "2,4 s", "1 min 05 s" */
export function elapsed(millis: number): string {
  if (millis < 1000) return `${Math.round(millis)} ms`;
  if (millis < MINUTE) return `${number(millis / 1000, 1)} s`;
  const seconds = Math.round(millis / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** "30 min", "1 h", "1 h 30" */
export function minutes(count: number): string {
  if (count < 60) return `${count} min`;
  const rest = count % 60;
  return rest ? `${Math.floor(count / 60)} h ${String(rest).padStart(2, "0")}` : `${count / 60} h`;
}

/** "9:59" until an instant; "0:00" once it has passed. */
export function countdown(until: Instant, now: Instant): string {
  const seconds = Math.max(0, Math.ceil((new Date(until).getTime() - new Date(now).getTime()) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** "(31) 99876-5432" for a Brazilian number, "+351912345678" for others; what is no number stays as it is. */
export function phone(address: string): string {
  const digits = address.replace(/[\s()+-]/g, "");
  if (!/^\d{8,15}$/.test(digits)) return address;
  const [, area, first, last] = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits) ?? [];
  return area ? `(${area}) ${first}-${last}` : `+${digits}`;
}

/** "1.234,5", with at most that many digits after the comma. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString("pt-BR", { maximumFractionDigits: digits });
}

/** "R$ 180,00"; with `fine`, up to four digits for what costs less than a cent. */
export function money(value: number | string, fine = false): string {
  return Number(value).toLocaleString("pt-BR", {
    style: "currency",
    currency: "BRL",
    minimumFractionDigits: 2,
    maximumFractionDigits: fine ? 4 : 2,
  });
}

/** "1 horário", "6 horários" */
export function count(amount: number, one: string, many: string): string {
  return `${number(amount)} ${amount === 1 ? one : many}`;
}

/** "820 B", "12 kB", "1,4 MB" */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 1_000_000 ? `${number(size / 1000)} kB` : `${number(size / 1_000_000, 1)} MB`;
}
