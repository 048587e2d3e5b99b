import { Conversations } from "@/features/conversations/conversations";

export function ConversationsPage() {
  return <Conversations />;
}
