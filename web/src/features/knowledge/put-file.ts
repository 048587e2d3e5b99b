import { sourceOf } from "@/features/knowledge/check-file";
import { connection } from "@/lib/connection";
import { Problem } from "@/lib/problem";

export interface Putting {
  /** Rejects with the Problem, or a TypeError when the server could not be reached. Never settles once cancelled. */
  done: Promise<void>;
  cancel: () => void;
}

function problemIn(request: XMLHttpRequest): Problem {
  let said: Record<string, unknown> = {};
  try {
    said = (JSON.parse(request.responseText) ?? {}) as Record<string, unknown>;
  } catch {
    // A proxy's own page: its status says enough.
  }
  const code = typeof said.code === "string" ? said.code : `http_${request.status}`;
  return new Problem(request.status, code, typeof said.detail === "string" ? said.detail : "");
}

/** Uploads a file, telling the share that is gone. XMLHttpRequest because `fetch` tells no progress. */
export function putFile(clinic: string, file: File, onProgress: (share: number) => void): Putting {
  const request = new XMLHttpRequest();
  const done = new Promise<void>((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) return resolve();
      if ([502, 503, 504].includes(request.status)) connection.suspect();
      reject(problemIn(request));
    });
    request.addEventListener("error", () => {
      connection.suspect();
      reject(new TypeError("unreachable"));
    });
  });
  const query = new URLSearchParams({ clinic, source: sourceOf(file) });
  request.open("PUT", `/api/knowledge/documents?${query}`);
  request.setRequestHeader("content-type", file.type || "application/octet-stream");
  request.send(file);
  return { done, cancel: () => request.abort() };
}
