import type { components } from "@/client/schema";

export type Day = components["schemas"]["DayOut"];
export type Column = components["schemas"]["ColumnOut"];
export type Item = components["schemas"]["ItemOut"];
export type Proof = components["schemas"]["ProofOut"];
