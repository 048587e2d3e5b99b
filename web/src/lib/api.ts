import { connection } from "@/lib/connection";
import { problemOf } from "@/lib/problem";

const AWAY = [502, 503, 504];

/** `fetch`, except that a failure makes the connection find out whether the server is still there. */
export async function watchedFetch(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (AWAY.includes(response.status)) connection.suspect();
    return response;
  } catch (error) {
    if (!request.signal.aborted) connection.suspect();
    throw error;
  }
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** What was asked for. Throws the Problem when the API refused. */
export async function got<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await asked;
  if (!response.ok) throw problemOf(response, error);
  return data as Data;
}
