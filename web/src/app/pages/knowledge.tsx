import { Knowledge } from "@/features/knowledge/knowledge";

export function KnowledgePage() {
  return <Knowledge />;
}
