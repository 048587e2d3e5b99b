import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { askedView } from "@/app/pages/report-views";
import { Desk } from "@/features/reports/desk";
import type { View } from "@/features/reports/queries";

/** /relatorios: how reports to families go. */
export function ReportsPage() {
  return (
    <Desk
      linkTo={(view: View, children: ReactNode, className?: string) => (
        <Link
          to="/relatorios/revisao"
          search={({ clinica }) => ({ ...(clinica ? { clinica } : {}), ...askedView(view) })}
          className={className}
        >
          {children}
        </Link>
      )}
    />
  );
}
