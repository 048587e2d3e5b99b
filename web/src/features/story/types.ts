import type { components } from "@/client/schema";

export type Turn = components["schemas"]["TurnOut"];
export type Step = components["schemas"]["StepOut"];
export type Passage = components["schemas"]["PassageOut"];
export type Given = components["schemas"]["GivenOut"];
/** The states and their ways, [from, to, conditional]; the client knows the three of them only as a list. */
export interface Graph {
  nodes: readonly string[];
  edges: readonly (readonly (string | boolean)[])[];
}
