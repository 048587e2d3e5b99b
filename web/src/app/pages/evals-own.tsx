import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { EvalTabs } from "@/app/pages/eval-tabs";
import { DraftPageView } from "@/features/evals/draft-page";
import { EditPageView } from "@/features/evals/edit-page";
import { Owns } from "@/features/evals/owns";

/** /provas/da-clinica: the clinic's own scenarios; the address holds the one that is open. */
export function OwnPage() {
  const { prova, arquivadas } = useSearch({ from: "/frame/provas/da-clinica" });
  const navigate = useNavigate({ from: "/provas/da-clinica" });
  return (
    <Owns
      tabs={<EvalTabs />}
      archived={arquivadas === "sim"}
      onArchived={(shown) =>
        void navigate({
          search: ({ arquivadas: _, ...rest }) => ({
            ...rest,
            ...(shown ? { arquivadas: "sim" as const } : {}),
          }),
          replace: true,
        })
      }
      chosen={prova}
      onChoose={(key) =>
        void navigate({ search: ({ prova: _, ...rest }) => ({ ...rest, ...(key ? { prova: key } : {}) }) })
      }
    />
  );
}

/** /provas/da-clinica/…: one of them, to be changed. */
export function EditPage() {
  const { prova } = useParams({ from: "/frame/provas/da-clinica/$prova" });
  const navigate = useNavigate({ from: "/provas/da-clinica/$prova" });
  return (
    <EditPageView
      key={prova}
      id={prova}
      onDone={(key) =>
        void navigate({
          to: "/provas/da-clinica",
          search: ({ clinica }) => ({ ...(clinica ? { clinica } : {}), ...(key ? { prova: key } : {}) }),
          ignoreBlocker: true, // it was kept
        })
      }
    />
  );
}

/** /provas/nova: a conversation on its way to be a scenario. */
export function DraftPage() {
  const { conversa, de, ate } = useSearch({ from: "/frame/provas/nova" });
  const navigate = useNavigate({ from: "/provas/nova" });
  return (
    <DraftPageView
      key={conversa}
      conversation={conversa}
      span={{ first: de, last: ate }}
      onSpan={({ first, last }) =>
        void navigate({
          search: (before) => ({ ...before, de: first, ate: last }),
          replace: true,
          resetScroll: false,
        })
      }
      onSaved={(key) =>
        void navigate({
          to: "/provas/da-clinica",
          search: ({ clinica }) => ({ ...(clinica ? { clinica } : {}), prova: key }),
          ignoreBlocker: true, // it was kept
        })
      }
    />
  );
}
