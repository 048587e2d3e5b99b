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

/** Whether every turn is written down; whoever reacts has only a first one. */
export function isScripted(document: Doc): boolean {
  const patient = part(document.patient);
  return (patient.mode ?? "script") === "script";
}

function changed(turn: unknown, change: Partial<Spoken>): unknown {
  const next = { ...spoken(turn), ...change };
  const kept = typeof turn === "string" || Array.isArray(turn) ? {} : part(turn);
  const { agrees: _, ...rest } = kept;
  const say = next.say.length === 1 ? next.say[0] : next.say;
  return { ...rest, say, ...(next.agrees ? { agrees: true } : {}) };
}

/** The document with these words in place of a turn's; its other keys stay. */
export function withLine(document: Doc, at: number, change: Partial<Spoken>): Doc {
  const patient = part(document.patient);
  if (!isScripted(document))
    return { ...document, patient: { ...patient, opening: changed(patient.opening, change) } };
  const turns = list(patient.turns).map((turn, place) => (place === at ? changed(turn, change) : turn));
  return { ...document, patient: { ...patient, turns } };
}

/** The document with a turn at this place, as it is written there. */
export function withLineAt(document: Doc, at: number, turn: unknown): Doc {
  const patient = part(document.patient);
  return { ...document, patient: { ...patient, turns: list(patient.turns).toSpliced(at, 0, turn) } };
}

/** A turn as it is written, to be put back. */
export function lineAt(document: Doc, at: number): unknown {
  return list(part(document.patient).turns)[at];
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

/** The document with a row that was taken out, where it was. */
export function withRowBack(document: Doc, row: Wanted): Doc {
  const written = row.how === "updated" ? { was: row.was, now: row.values } : row.values;
  return withRows(document, row, (all) => all.toSpliced(row.at, 0, written));
}

export type Must = "must_say" | "must_not_say";
export const musts: readonly Must[] = ["must_say", "must_not_say"];

/** Words that Carol must say, or must not. `text`: the only ones looked for, where they can be put right. */
export interface SaidCheck {
  must: Must;
  at: number;
  turn: string;
  text: string | null;
  /** In words, where it is more than one text; "" for a pattern that nobody named. */
  told: string;
}

/** What is looked for in Carol's words, in order. */
export function checksOf(document: Doc): SaidCheck[] {
  const expect = part(document.expect);
  return musts.flatMap((must) =>
    list(expect[must]).map((check, at) => {
      const one = part(check);
      const all = list(one.all).map(String);
      const any = list(one.any).map(String);
      const [first, ...more] = [...all, ...any];
      const alone = first !== undefined && !more.length && !one.regex && !one.label;
      return {
        must,
        at,
        turn: String(one.turn ?? "any"),
        text: alone ? first : null,
        told: toldOf(one, all, any),
      };
    }),
  );
}

function toldOf(one: Doc, all: readonly string[], any: readonly string[]): string {
  if (typeof one.label === "string" && one.label) return one.label;
  const quoted = (texts: readonly string[], joint: string) => texts.map((text) => `“${text}”`).join(joint);
  return [quoted(all, " e "), quoted(any, " ou ")].filter(Boolean).join(" e ");
}

function withChecks(document: Doc, must: Must, checks: (all: unknown[]) => unknown[]): Doc {
  const expect = part(document.expect);
  const { [must]: before, ...others } = expect;
  const next = checks(list(before));
  return { ...document, expect: next.length ? { ...expect, [must]: next } : others };
}

/** The document that looks for another text, or in other replies. */
export function withCheck(
  document: Doc,
  { must, at }: SaidCheck,
  change: { text?: string; turn?: string },
): Doc {
  return withChecks(document, must, (all) =>
    all.map((check, place) => {
      if (place !== at) return check;
      const { turn, ...one } = part(check);
      const inAll = list(one.all).length > 0;
      const said = change.text === undefined ? {} : { [inAll ? "all" : "any"]: [change.text] };
      const scope = change.turn ?? String(turn ?? "any");
      return {
        ...one,
        ...said,
        ...(scope === "any" ? {} : { turn: /^\d+$/.test(scope) ? Number(scope) : scope }),
      };
    }),
  );
}

/** The document with one more text to look for. */
export function withNewCheck(document: Doc, must: Must): Doc {
  return withChecks(document, must, (all) => [...all, { all: [""] }]);
}

/** The document without a check, and how to put it back as it was. */
export function withoutCheck(document: Doc, { must, at }: SaidCheck): [Doc, (later: Doc) => Doc] {
  const taken = list(part(document.expect)[must])[at];
  return [
    withChecks(document, must, (all) => all.filter((_, place) => place !== at)),
    (later) => withChecks(later, must, (all) => all.toSpliced(at, 0, taken)),
  ];
}

/** The document as it is kept: a text that was never written is not looked for. */
export function written(document: Doc): Doc {
  return musts.reduce<Doc>((one, must) => {
    const blank = new Set(
      checksOf(one)
        .filter((check) => check.must === must && check.text !== null && !check.text.trim())
        .map((check) => check.at),
    );
    return blank.size ? withChecks(one, must, (all) => all.filter((_, at) => !blank.has(at))) : one;
  }, document);
}

/** What else is expected beside rows and words, as it is written; undefined when nothing is. */
export function othersOf(document: Doc): Record<string, unknown> | undefined {
  const { state: _, must_say: __, must_not_say: ___, ...others } = part(document.expect);
  return Object.keys(others).length ? others : undefined;
}
