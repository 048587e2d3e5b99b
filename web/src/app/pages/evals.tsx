import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { EvalTabs } from "@/app/pages/eval-tabs";
import { type Show, shows } from "@/features/evals/queries";
import { RunPageView } from "@/features/evals/run-page";
import { Runs } from "@/features/evals/runs";
import { TrialPageView } from "@/features/evals/trial-page";
import { StepsTold } from "@/features/story/steps-told";

/** /provas: the runs. */
export function RunsPage() {
  const navigate = useNavigate({ from: "/provas" });
  return (
    <Runs
      tabs={<EvalTabs />}
      onCompare={(antes, depois) =>
        void navigate({ to: "/provas/comparar", search: (before) => ({ ...before, antes, depois }) })
      }
    />
  );
}

const asked: Record<Show, string | undefined> = {
  wrong: undefined,
  violated: "proibido",
  failed: "falhou",
  broken: "sem-resultado",
  passed: "passou",
  all: "tudo",
};

function shown(said: string | undefined): Show {
  return shows.find((one) => asked[one] === said) ?? "wrong";
}

/** /provas/…: a run; the address holds which of its trials are shown. */
export function RunPage() {
  const { rodada } = useParams({ from: "/frame/provas/$rodada" });
  const { mostrar, grupo } = useSearch({ from: "/frame/provas/$rodada" });
  const navigate = useNavigate({ from: "/provas/$rodada" });
  return (
    <RunPageView
      key={rodada}
      id={rodada}
      show={shown(mostrar)}
      suite={grupo}
      onShow={(show, suite) =>
        void navigate({
          search: ({ mostrar: _, grupo: __, ...rest }) => ({
            ...rest,
            ...(asked[show] ? { mostrar: asked[show] } : {}),
            ...(suite ? { grupo: suite } : {}),
          }),
          replace: true,
          resetScroll: false,
        })
      }
      onRun={(id) =>
        void navigate({
          to: "/provas/$rodada",
          params: { rodada: id },
          search: ({ clinica }) => (clinica ? { clinica } : {}),
        })
      }
    />
  );
}

/** /provas/…/…: one trial; the address holds the turn whose story is told. */
export function TrialPage() {
  const { rodada, vez } = useParams({ from: "/frame/provas/$rodada/$vez" });
  const { fala, mostrar, grupo } = useSearch({ from: "/frame/provas/$rodada/$vez" });
  const navigate = useNavigate({ from: "/provas/$rodada/$vez" });
  const turn = Number(fala);
  return (
    <TrialPageView
      run={rodada}
      id={vez}
      show={shown(mostrar)}
      suite={grupo}
      turn={Number.isInteger(turn) && turn > 0 ? turn : 1}
      onTurn={(next) =>
        void navigate({
          search: (before) => ({ ...before, fala: String(next) }),
          replace: true,
          resetScroll: false,
        })
      }
      story={(told) => (
        <StepsTold
          steps={told.steps}
          outcome={told.outcome}
          said={told.said.length}
          replied={told.replies.length}
        />
      )}
    />
  );
}
