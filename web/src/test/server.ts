import { vi } from "vitest";

type Answer = Response | (() => Response | Promise<Response>);

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return json({ type: "about:blank", title: code, status, code, detail: "for machines" }, status, headers);
}

export const clinics = [
  { slug: "jacaranda", name: "Clínica Jacarandá", demo: true, timezone: "America/Sao_Paulo" },
  { slug: "ipe", name: "Clínica Ipê", demo: false, timezone: "America/Manaus" },
];

/**
 * `fetch` answering by "METHOD /path"; what is not named gets a 404. Returns what was asked, in order. The table may be
 * changed while a test runs.
 */
export function serve(answers: Record<string, Answer>): Request[] {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(new URL(input instanceof Request ? input.url : input, location.href), {
      ...(input instanceof Request ? { method: input.method, body: await bodyOf(input) } : {}),
      ...(init?.method ? { method: init.method } : {}),
    });
    asked.push(request);
    const answer = answers[`${request.method} ${new URL(request.url).pathname}`];
    if (!answer) return problem(404, "not_found");
    return typeof answer === "function" ? answer() : answer.clone();
  });
  return asked;
}

async function bodyOf(request: Request): Promise<string | null> {
  return request.method === "GET" ? null : request.text();
}
