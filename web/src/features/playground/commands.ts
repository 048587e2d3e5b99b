import { client } from "@/client/client";
import type { Play } from "@/features/playground/outcomes";
import type { Said } from "@/features/playground/queries";
import { words } from "@/features/playground/words";
import { got } from "@/lib/api";

/** How something is said: as whom, by which clock, to which model. Null is the real clock, the clinic's own model. */
export interface Voice {
  person: string;
  at: string | null;
  model: string | null;
}

const path = (id: string) => ({ path: { rehearsal_id: id } });

export function begin(clinic: string) {
  return got(client.POST("/api/rehearsals", { body: { clinic } }));
}

/** Answered at once: waiting for more, as on WhatsApp, is rehearsed by a burst. The same `message_id` again changes nothing. */
export function say(rehearsal: string, voice: Voice, text: string, messageId: string): Promise<Said> {
  const body = { ...voice, text, message_id: messageId, quiet: false };
  return got(client.POST("/api/rehearsals/{rehearsal_id}/messages", { params: path(rehearsal), body }));
}

export function sendFile(rehearsal: string, voice: Voice, file: File, messageId: string): Promise<Said> {
  return got(
    client.POST("/api/rehearsals/{rehearsal_id}/media", {
      params: {
        ...path(rehearsal),
        query: { ...voice, message_id: messageId, name: file.name.slice(0, 200) },
      },
      // The body is the file itself, which the description of the API has no words for.
      body: file as never,
      bodySerializer: (body: unknown) => body as Blob,
      headers: { "Content-Type": file.type || "application/octet-stream" },
    }),
  );
}

export function play(rehearsal: string, voice: Voice, which: Play, texts: string[]): Promise<Said[]> {
  const body = { ...voice, play: which, texts };
  return got(client.POST("/api/rehearsals/{rehearsal_id}/plays", { params: path(rehearsal), body }));
}

export function branch(rehearsal: string, conversation: string, turn: string) {
  const body = { conversation, turn };
  return got(client.POST("/api/rehearsals/{rehearsal_id}/branches", { params: path(rehearsal), body }));
}

export function giveBack(conversation: string) {
  return got(
    client.POST("/api/conversations/{conversation_id}/give-back", {
      params: { path: { conversation_id: conversation } },
      body: { by: words.owner.by, brief: "", resolve: true },
    }),
  );
}

/** The whole conversation, as a file for whoever asked. */
export async function exportConversation(conversation: string): Promise<void> {
  const whole = await got(
    client.GET("/api/conversations/{conversation_id}/export", {
      params: { path: { conversation_id: conversation } },
    }),
  );
  const address = URL.createObjectURL(
    new Blob([JSON.stringify(whole, null, 2)], { type: "application/json" }),
  );
  const link = document.createElement("a");
  link.href = address;
  link.download = `ensaio-${conversation.slice(0, 8)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}
