import { problemWords, unreachable } from "@/lib/words";

/** What the API answered instead of what was asked: its problem+json, by its stable `code`. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** Seconds to wait before trying again, when the server said so. */
  readonly retryAfter: number | null;
  /** Who of the clinic was faster, when that is why. */
  readonly by: string | null;
  /** All that the body said, for what only one page reads. */
  readonly told: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    retryAfter: number | null = null,
    by: string | null = null,
    told: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfter = retryAfter;
    this.by = by;
    this.told = told;
  }
}

/** The problem a refused response holds, whatever its body turns out to be. */
export function problemOf(response: Response, body: unknown): Problem {
  const said = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const code = typeof said.code === "string" ? said.code : `http_${response.status}`;
  const detail = typeof said.detail === "string" ? said.detail : "";
  const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
  const by = typeof said.by === "string" && said.by ? said.by : null;
  return new Problem(response.status, code, detail, Number.isFinite(wait) ? wait : null, by, said);
}

/** What happened, in the words of the person who reads it. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return error instanceof TypeError ? unreachable : problemWords.unknown;
  const byStatus = problemWords[`http_${error.status}`];
  return problemWords[error.code] ?? byStatus ?? problemWords.unknown;
}

/** Whether the server could not be asked at all, which the banner of the frame already says. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof Problem ? [502, 503, 504].includes(error.status) : error instanceof TypeError;
}

/** Whether the session of this browser is over; the password that was asked for being wrong is something else. */
export function isStranger(error: unknown): boolean {
  return error instanceof Problem && error.status === 401 && error.code !== "wrong_password";
}
