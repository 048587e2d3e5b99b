import type { Brief } from "@/features/conversations/queries";
import { words } from "@/features/conversations/words";

/** "(31) 99876-5432" for a Brazilian number, "+351 912345678" for others; a console name stays as it is. */
export function addressSaid(address: string): string {
  const digits = address.replace(/[\s()+-]/g, "");
  if (!/^\d{8,15}$/.test(digits)) return address;
  const [, area, first, last] = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits) ?? [];
  return area ? `(${area}) ${first}-${last}` : `+${digits}`;
}

/** What a conversation is called: the name, or else where they write from. */
export function nameOf({ contact }: Pick<Brief, "contact">): string {
  return contact.name || addressSaid(contact.address) || words.nobody;
}
