import { Ellipsis, Users } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { words } from "@/features/contacts/words";

const SamePerson = lazy(async () => ({
  default: (await import("@/features/contacts/same-person")).SamePerson,
}));

/** What can be done about a contact, beside answering. */
export function ContactMenu({ contact }: { contact: { id: string; name: string } }) {
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
