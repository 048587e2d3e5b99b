import type { Draft, Own } from "@/features/evals/own-queries";
import { clinics, json } from "@/test/server";

export const TALK = "01a20094-6272-719d-9146-f495069f0f68";
export const scenario = {
  id: "marca-limpeza",
  title: "Marca limpeza",
  patient: { turns: ["sou a Zilda", { say: "sim", agrees: true }] },
  expect: {
    state: { visits: { inserted: [{ person: "Zilda", status: "booked", starts: "2026-11-24T13:00" }] } },
  },
};

export const heardAt = (at: number) => `01a20094-6272-719d-9146-f495069f00${at}0`;
export const draft: Draft = {
  conversation: TALK,
  heard: ["bom dia", "sou a Marina", "sim"].map((text, at) => ({
    id: heardAt(at),
    text,
    at: `2026-11-21T15:0${at}:00-03:00`,
    used: at > 0,
  })),
  scenario,
  turns: [
    { said: ["sou a Zilda"], original: ["sou a Marina"], messages: [], agrees: false },
    { said: ["sim"], original: ["sim"], messages: [], agrees: true },
  ],
  replaced: [
    { what: "name", was: "Marina", now: "Zilda", times: 2, known: true },
    { what: "cpf", was: "529.982.247-25", now: "093.420.135-89", times: 1, known: false },
  ],
  suggested: [{ noun: "visits", by: "person", told: "Consulta marcada: Zilda" }],
  doubts: ["Confira a frase."],
  mistakes: [],
};

export const own: Own = {
  key: "marca-limpeza",
  title: "Marca limpeza",
  critical: true,
  tags: [],
  came_from: "conversation",
  conversation: TALK,
  version: 1,
  created_at: "2026-11-21T15:00:00-03:00",
  created_by: "Bia",
  updated_at: "2026-11-21T15:00:00-03:00",
  updated_by: "Bia",
  archived_at: null,
  archived_by: null,
};

export const PATH = "/api/evals/scenarios";
export const house = (items: Own[] = [own]) => ({
  "GET /api/clinics": json(clinics),
  "GET /api/session": json({ locked: false, signed_in: true }),
  [`GET ${PATH}`]: json({ items }),
  [`GET ${PATH}/${own.key}`]: json({ ...own, scenario }),
  [`POST ${PATH}/from-conversation`]: json(draft),
});
