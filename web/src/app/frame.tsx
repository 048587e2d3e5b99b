import { useQuery } from "@tanstack/react-query";
import { Outlet, useSearch } from "@tanstack/react-router";
import { Building2 } from "lucide-react";
import { useState } from "react";
import { LostBanner } from "@/app/lost-banner";
import { BottomBar, Rail } from "@/app/navigation";
import { PageSkeleton } from "@/app/page-skeleton";
import { Palette, usePaletteKey } from "@/app/palette";
import { clinicsQuery } from "@/app/queries";
import { TopBar } from "@/app/top-bar";
import { WireBanner } from "@/app/wire-banner";
import { words } from "@/app/words";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Toaster } from "@/components/ui/toast";
import { TooltipProvider } from "@/components/ui/tooltip";
import { ClinicScope } from "@/lib/clinic";
import { useLive } from "@/lib/live";

/** What surrounds every page: the rail (a bar on the phone), the clinic, the banner of a lost server, and the notices. */
export function Frame() {
  const clinics = useQuery(clinicsQuery);
  const { clinica } = useSearch({ from: "__root__" });
  const clinic = clinics.data?.find((one) => one.slug === clinica) ?? clinics.data?.[0];
  const [searching, setSearching] = useState(false);
  usePaletteKey(setSearching);
  useLive(clinic?.slug);

  return (
    <TooltipProvider delayDuration={400}>
      <a
        href="#conteudo"
        className="sr-only z-60 rounded-md bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {words.skip}
      </a>
      <div className="flex h-dvh flex-col">
        <LostBanner />
        {clinic ? <WireBanner clinic={clinic} key={clinic.slug} /> : null}
        <div className="flex min-h-0 grow max-sm:flex-col">
          <Rail clinic={clinic?.slug} />
          <div className="flex min-h-0 min-w-0 grow flex-col">
            <TopBar clinics={clinics.data ?? []} clinic={clinic} onSearch={() => setSearching(true)} />
            <main id="conteudo" tabIndex={-1} className="min-h-0 min-w-0 grow overflow-y-auto outline-none">
              {clinic ? (
                <ClinicScope clinic={clinic} key={clinic.slug}>
                  <Outlet />
                </ClinicScope>
              ) : clinics.isPending ? (
                <PageSkeleton />
              ) : clinics.isError ? (
                <ErrorState
                  heading
                  error={clinics.error}
                  title={words.clinicsFailed}
                  onRetry={() => void clinics.refetch()}
                />
              ) : (
                <EmptyState
                  heading
                  icon={Building2}
                  title={words.noClinic.title}
                  about={words.noClinic.about}
                  action={<Button onClick={() => void clinics.refetch()}>{words.noClinic.again}</Button>}
                />
              )}
            </main>
          </div>
          <BottomBar clinic={clinic?.slug} />
        </div>
      </div>
      <Palette open={searching} onOpenChange={setSearching} clinics={clinics.data ?? []} clinic={clinic} />
      <Toaster />
    </TooltipProvider>
  );
}
