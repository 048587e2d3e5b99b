import { Playground } from "@/features/playground/playground";

export function RehearsalPage() {
  return <Playground />;
}
