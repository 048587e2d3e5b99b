/** A scenario's document (`carol.scenario/v1`) as far as the console shows and changes it. Pure. */
export type Doc = Readonly<Record<string, unknown>>;

export interface Spoken {
  say: readonly string[];
  agrees: boolean;
}

export type How = "inserted" | "updated" | "deleted" | "optional";

/** A row that is expected. `at` is its place in the list of its noun. */
export interface Wanted {
  noun: string;
  how: How;
  at: number;
  /** What it was, where it changes. */
  was: Doc | null;
  values: Doc;
}

const hows: readonly How[] = ["inserted", "updated", "deleted", "optional"];

function part(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function spoken(turn: unknown): Spoken {
  const said = typeof turn === "string" || Array.isArray(turn) ? { say: turn } : part(turn);
  const say = Array.isArray(said.say) ? said.say.map(String) : [String(said.say ?? "")];
  return { say, agrees: (said as { agrees?: unknown }).agrees === true };
}

/** What the patient says, turn by turn; of one who reacts, what they begin with. */
export function linesOf(document: Doc): Spoken[] {
  const patient = part(document.patient);
  const turns = list(patient.turns);
  if (turns.length) return turns.map(spoken);
  return patient.opening === undefined ? [] : [spoken(patient.opening)];
}

/** The document with these words in place of a turn's; its other keys stay. */
export function withLine(document: Doc, at: number, change: Partial<Spoken>): Doc {
  const patient = part(document.patient);
  const turns = list(patient.turns).map((turn, place) => {
    if (place !== at) return turn;
    const next = { ...spoken(turn), ...change };
    const kept = typeof turn === "string" || Array.isArray(turn) ? {} : part(turn);
    const { agrees: _, ...rest } = kept;
    const say = next.say.length === 1 ? next.say[0] : next.say;
    return { ...rest, say, ...(next.agrees ? { agrees: true } : {}) };
  });
  return { ...document, patient: { ...patient, turns } };
}

/** The document without a turn. */
export function withoutLine(document: Doc, at: number): Doc {
  const patient = part(document.patient);
  return {
    ...document,
    patient: { ...patient, turns: list(patient.turns).filter((_, place) => place !== at) },
  };
}

/** Every row that is expected, in order. */
export function wantedOf(document: Doc): Wanted[] {
  const state = part(part(document.expect).state);
  return Object.entries(state).flatMap(([noun, rows]) =>
    hows.flatMap((how) =>
      list(part(rows)[how]).map((row, at) => {
        const one = part(row);
        return how === "updated"
          ? { noun, how, at, was: part(one.was), values: part(one.now) }
          : { noun, how, at, was: null, values: one };
      }),
    ),
  );
}

function withRows(document: Doc, { noun, how }: Wanted, rows: (all: unknown[]) => unknown[]): Doc {
  const expect = part(document.expect);
  const state = part(expect.state);
  const before = part(state[noun]);
  const { [how]: _, ...others } = before;
  const next = rows(list(before[how]));
  const nouns = next.length ? { ...before, [how]: next } : others;
  const { [noun]: __, ...rest } = state;
  const whole = Object.keys(nouns).length ? { ...state, [noun]: nouns } : rest;
  return { ...document, expect: { ...expect, state: whole } };
}

/** The document with another value in a column of an expected row; what was no text stays none where it can be read so. */
export function withValue(document: Doc, row: Wanted, column: string, value: unknown): Doc {
  const values = { ...row.values, [column]: value };
  const next = row.how === "updated" ? { was: row.was, now: values } : values;
  return withRows(document, row, (all) => all.map((one, at) => (at === row.at ? next : one)));
}

/** The document without an expected row. */
export function withoutRow(document: Doc, row: Wanted): Doc {
  return withRows(document, row, (all) => all.filter((_, at) => at !== row.at));
}

/** What else is expected beside rows, as it is written; undefined when nothing is. */
export function othersOf(document: Doc): Record<string, unknown> | undefined {
  const { state: _, ...others } = part(document.expect);
  return Object.keys(others).length ? others : undefined;
}
