import { useNavigate, useSearch } from "@tanstack/react-router";
import { Knowledge } from "@/features/knowledge/knowledge";

/** /conhecimento: the address holds the document that is open and what was asked. */
export function KnowledgePage() {
  const { documento, pergunta } = useSearch({ from: "/frame/conhecimento" });
  const navigate = useNavigate({ from: "/conhecimento" });
  return (
    <Knowledge
      document={documento}
      onDocument={(id) =>
        void navigate({
          search: ({ documento: _, ...rest }) => ({ ...rest, ...(id ? { documento: id } : {}) }),
        })
      }
      question={pergunta}
      onAsk={(question) =>
        void navigate({ search: (before) => ({ ...before, pergunta: question }), replace: true })
      }
    />
  );
}
