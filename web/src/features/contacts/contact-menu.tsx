import { Ellipsis, Users } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { words } from "@/features/contacts/words";

const SamePerson = lazy(async () => ({
  default: (await import("@/features/contacts/same-person")).SamePerson,
}));

interface ContactMenuProps {
  contact: { id: string; name: string };
  /** What else can be done, item by item. */
  more?: ReactNode;
}

/** What can be done about a contact, beside answering. */
export function ContactMenu({ contact, more }: ContactMenuProps) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu>
        <MenuTrigger>
          <Button look="quiet" size="icon" aria-label={words.more} title={words.more}>
            <Ellipsis aria-hidden />
          </Button>
        </MenuTrigger>
        <MenuContent align="end">
          <MenuItem onSelect={() => setAsking(true)}>
            <Users aria-hidden />
            {words.same}
          </MenuItem>
          {more}
        </MenuContent>
      </Menu>
      {asking ? (
        <Suspense fallback={null}>
          <SamePerson contact={contact} onClose={() => setAsking(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
