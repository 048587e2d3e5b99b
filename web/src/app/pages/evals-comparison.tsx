import { useSearch } from "@tanstack/react-router";
import { ComparisonView } from "@/features/evals/comparison";

/** /provas/comparar: the address holds the two runs. */
export function ComparisonPage() {
  const { antes, depois } = useSearch({ from: "/frame/provas/comparar" });
  return <ComparisonView before={antes ?? ""} after={depois ?? ""} />;
}
