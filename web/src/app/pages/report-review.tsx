import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { askedView, viewOf } from "@/app/pages/report-views";
import { ReportView } from "@/features/reports/report-page";
import { Review } from "@/features/reports/review";

/** /relatorios/revisao: the address holds which list is shown. */
export function ReviewPage() {
  const { lista } = useSearch({ from: "/frame/relatorios/revisao" });
  const navigate = useNavigate({ from: "/relatorios/revisao" });
  return (
    <Review
      view={viewOf(lista)}
      onView={(view) =>
        void navigate({ search: ({ lista: _, ...rest }) => ({ ...rest, ...askedView(view) }), replace: true })
      }
    />
  );
}

/** /relatorios/…: one report. */
export function ReportPage() {
  const { relatorio } = useParams({ from: "/frame/relatorios/$relatorio" });
  return (
    <ReportView
      id={relatorio}
      conversationLink={(conversa, label) => (
        <Link
          to="/conversas/$conversa"
          params={{ conversa }}
          search={({ clinica }) => (clinica ? { clinica } : {})}
          className="text-small text-accent underline underline-offset-4 hover:text-accent-strong touch:inline-flex touch:min-h-11 touch:items-center"
        >
          {label}
        </Link>
      )}
    />
  );
}
