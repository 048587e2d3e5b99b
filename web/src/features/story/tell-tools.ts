import { refusalWords, relationshipWords } from "@/features/story/code-words";
import { did, toolVerbs } from "@/features/story/tool-words";
import type { Step } from "@/features/story/types";
import { dayAndTime } from "@/lib/formats";

type Fields = Record<string, unknown>;

export interface Told {
  says: string;
  about?: string;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function size(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

function joined(...parts: unknown[]): string {
  return parts.map(text).filter(Boolean).join(" · ");
}

/** "ter, 24 nov, 15:00" from a wall-clock "2026-11-24T15:00"; else the label the tool gave. */
function moment(of: Fields): string {
  const local = text(of.starts_at);
  const at = Date.parse(`${local.slice(0, 16)}:00Z`);
  return Number.isNaN(at) ? text(of.label) : dayAndTime(at, "UTC");
}

/** "“Preparo” e “Convênios”" */
function quoted(titles: readonly string[]): string {
  const marked = titles.map((title) => `“${title}”`);
  return marked.length > 1 ? `${marked.slice(0, -1).join(", ")} e ${marked.at(-1)}` : marked.join("");
}

function told(says: string, about = ""): Told {
  return about ? { says, about } : { says };
}

function searched(step: Step, result: Fields): Told {
  const found = Array.isArray(result.passages) ? result.passages.map(fields) : [];
  const used = step.passages.filter((passage) => passage.used).map((passage) => passage.title);
  const titles = [...new Set(used.length ? used : found.map((passage) => text(passage.title)))].filter(
    Boolean,
  );
  const question = text(fields(step.arguments).question);
  if (titles.length && result.found !== false) return told(did.foundIn(quoted(titles)), question);
  return told(step.passages.length ? did.belowThreshold : did.nothingFound, question);
}

function slots(result: Fields): Told {
  const found = size(result.slots);
  const about = joined(result.service, result.understood, result.note);
  if (!found) return told(did.noSlots, about);
  return told(result.exact === false ? did.nearSlots(found) : did.foundSlots(found), about);
}

type Teller = (step: Step, result: Fields, asked: Fields) => Told;

function aboutVisit(write: (moment: string) => string): Teller {
  return (_, result) => {
    const visit = fields(result.summary);
    const before = text(visit.from_label);
    return told(
      write(moment(visit)),
      joined(visit.person, visit.service, visit.professional, before && did.before(before)),
    );
  };
}

const tellers: Readonly<Record<string, Teller>> = {
  list_services: (_, result, asked) => told(did.listServices(size(result.services), text(asked.query))),
  clinic_facts: (_, result, asked) =>
    told(did.clinicFacts(text(result.topic) || text(asked.topic)), text(asked.about)),
  find_slots: (_, result) => slots(result),
  propose_visit: aboutVisit(did.keptFor),
  propose_move: aboutVisit(did.keptForMove),
  propose_cancel: aboutVisit(did.toCancel),
  book_visit: aboutVisit(did.booked),
  move_visit: aboutVisit(did.moved),
  cancel_visit: aboutVisit(did.cancelled),
  my_visits: (_, result) => told(size(result.visits) ? did.visits(size(result.visits)) : did.noVisits),
  for_whom: (_, result) =>
    told(did.forWhom(text(result.name), relationshipWords[text(result.relationship)] ?? "")),
  search_knowledge: searched,
  escalate: (_, result) =>
    told(did.escalated(text(result.case)), text(result.until) && did.answerBy(text(result.until))),
};

/** What a tool did, or why it did not, in one line. A tool nobody told this page about is named as it is. */
export function tellTool(step: Step): Told {
  const name = step.tool ?? "";
  const result = fields(step.result);
  const verb = Object.hasOwn(toolVerbs, name) ? toolVerbs[name] : undefined;
  const code = text(result.error);
  if (code) {
    if (!verb) return told(did.unknownFailed(name));
    const why = Object.hasOwn(refusalWords, code) ? refusalWords[code] : undefined;
    return told(why ? did.tried(verb, why) : did.triedInVain(verb));
  }
  const teller = Object.hasOwn(tellers, name) ? tellers[name] : undefined;
  return teller ? teller(step, result, fields(step.arguments)) : told(did.unknown(name));
}
