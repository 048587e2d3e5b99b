import type { Brief } from "@/features/conversations/queries";
import { words } from "@/features/conversations/words";
import { phone } from "@/lib/formats";

/** What a conversation is called: the name, or else where they write from. */
export function nameOf({ contact }: Pick<Brief, "contact">): string {
  return contact.name || phone(contact.address) || words.nobody;
}
