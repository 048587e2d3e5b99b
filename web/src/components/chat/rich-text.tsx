import type { ReactNode } from "react";
import { words } from "@/components/chat/words";

const LINK = /https?:\/\/[^\s<>"']+/g;
/** As WhatsApp reads it: stars that touch the words they embrace, on one line. */
const BOLD = /(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\p{L}\p{N}*])/gu;

function bolded(said: string, key: string): ReactNode[] {
  // A price never breaks between the currency and the amount.
  const text = said.replace(/R\$ (?=\d)/g, "R$\u00a0");
  const found: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(BOLD)) {
    found.push(text.slice(from, match.index));
    found.push(<strong key={`${key}.${match.index}`}>{match[1]}</strong>);
    from = match.index + match[0].length;
  }
  found.push(text.slice(from));
  return found;
}

/** Plain text with WhatsApp's *bold* and links to http(s) only; never markup. */
export function RichText({ text }: { text: string }) {
  const found: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0].replace(/[.,;:!?)\]*]+$/, "");
    found.push(...bolded(text.slice(from, match.index), `${from}`));
    found.push(
      <a
        key={`link${match.index}`}
        href={address}
        target="_blank"
        rel="noopener noreferrer nofollow"
        title={words.newTab}
        className="text-accent underline underline-offset-2"
      >
        {address}
      </a>,
    );
    from = match.index + address.length;
  }
  found.push(...bolded(text.slice(from), `${from}`));
  return <>{found}</>;
}
