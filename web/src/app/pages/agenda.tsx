import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { words } from "@/app/words";
import { Page } from "@/components/ui/page";
import { DayAgenda } from "@/features/agenda/day-agenda";
import { useClinic } from "@/lib/clinic";

/** /agenda: the address holds the day and the professional. */
export function AgendaPage() {
  const { slug } = useClinic();
  const { dia, profissional } = useSearch({ from: "/frame/agenda" });
  const navigate = useNavigate({ from: "/agenda" });
  return (
    <Page title={words.pages.agenda} fixed>
      <DayAgenda
        slug={slug}
        day={dia}
        onDay={(day) => void navigate({ search: (before) => ({ ...before, dia: day }) })}
        professional={profissional}
        onProfessional={(one) =>
          void navigate({
            search: ({ profissional: _, ...rest }) => ({ ...rest, ...(one ? { profissional: one } : {}) }),
            replace: true,
          })
        }
        conversationLink={(conversa, label) => (
          <Link
            to="/conversas/$conversa"
            params={{ conversa }}
            search={({ clinica }) => (clinica ? { clinica } : {})}
            className="text-accent underline underline-offset-4 hover:text-accent-strong"
          >
            {label}
          </Link>
        )}
      />
    </Page>
  );
}
