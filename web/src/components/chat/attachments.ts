import { emptyFile, tooHeavy, wrongType } from "@/components/chat/words";
import { bytes } from "@/lib/formats";

const MOST = 16_000_000;
const TYPES = /^(image\/(jpeg|png|webp|gif)|audio\/.+|video\/webm)$/;
const ENDINGS = /\.(jpe?g|png|webp|gif|ogg|oga|opus|mp3|m4a|aac|wav|webm)$/i;

/** What a file picker should offer. */
export const ACCEPTED = "image/jpeg,image/png,image/webp,image/gif,audio/*,.ogg,.opus,.m4a,.webm";

/** Why a file cannot be sent, or null. Only what can be known here: the server looks at its bytes. */
export function fileProblem(file: File): string | null {
  const fits = file.type ? TYPES.test(file.type) : ENDINGS.test(file.name);
  if (!fits) return wrongType(file.name);
  if (file.size === 0) return emptyFile(file.name);
  return file.size > MOST ? tooHeavy(file.name, bytes(file.size)) : null;
}
