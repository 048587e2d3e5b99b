import { client } from "@/client/client";
import { got } from "@/lib/api";

/** Begins a session in this browser. Throws the Problem: 401 for another password, 429 after too many. */
export async function signIn(password: string): Promise<void> {
  await got(client.POST("/api/session", { body: { password } }));
}

/** Ends the session in this browser. */
export async function signOut(): Promise<void> {
  await got(client.DELETE("/api/session"));
}
