import { Plus, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import {
  checksOf,
  type Doc,
  type Must,
  musts,
  type SaidCheck,
  withCheck,
  withNewCheck,
} from "@/features/evals/document";
import { scopeSaid, words } from "@/features/evals/own-words";

interface SaidChecksProps {
  document: Doc;
  /** Absent: it is only read. */
  onChange?: (next: Doc) => void;
  onRemove?: (check: SaidCheck) => void;
}

/** What Carol must say, and must not; plain words may be put right, a pattern is read or taken out. */
export function SaidChecks({ document, onChange, onRemove }: SaidChecksProps) {
  const checks = checksOf(document);
  return (
    <div className="grid gap-3">
      {musts.map((must) => {
        const list = checks.filter((one) => one.must === must);
        if (!list.length && !onChange) return null;
        return (
          <div key={must} className="grid justify-items-start gap-2">
            <p className="text-small font-medium text-ink-soft">{words.musts[must]}</p>
            <ul aria-label={words.musts[must]} className="grid w-full gap-2">
              {list.map((check) => (
                <li key={check.at} className="flex min-w-0 flex-wrap items-center gap-2">
                  {onChange ? (
                    <Edit check={check} onChange={(change) => onChange(withCheck(document, check, change))} />
                  ) : (
                    <p className="min-w-0 wrap-anywhere">
                      {check.told || words.pattern}{" "}
                      <span className="text-ink-soft">{scopeSaid(check.turn)}</span>
                    </p>
                  )}
                  {onRemove ? (
                    <Button
                      look="quiet"
                      size="icon"
                      aria-label={words.removeCheck(check.told)}
                      onClick={() => onRemove(check)}
                    >
                      <X aria-hidden />
                    </Button>
                  ) : null}
                </li>
              ))}
            </ul>
            {onChange ? <Add must={must} onAdd={() => onChange(withNewCheck(document, must))} /> : null}
          </div>
        );
      })}
    </div>
  );
}

function Add({ must, onAdd }: { must: Must; onAdd: () => void }) {
  return (
    <Button size="small" onClick={onAdd}>
      <Plus aria-hidden />
      {words.addCheck[must]}
    </Button>
  );
}

const SCOPES = ["any", "first", "last"];

interface EditProps {
  check: SaidCheck;
  onChange: (change: { text?: string; turn?: string }) => void;
}

function Edit({ check, onChange }: EditProps) {
  const scopes = SCOPES.includes(check.turn) ? SCOPES : [...SCOPES, check.turn];
  return (
    <>
      {check.text === null ? (
        <p className="min-w-0 grow basis-60 rounded-md bg-sunken px-3 py-1.5 wrap-anywhere">
          {check.told || words.pattern}
        </p>
      ) : (
        <Input
          aria-label={words.checkText[check.must]}
          placeholder={words.checkHint}
          autoComplete="off"
          value={check.text}
          onChange={(event) => onChange({ text: event.target.value })}
          className="w-auto min-w-0 grow basis-60"
        />
      )}
      <Select
        label={words.checkScope}
        value={check.turn}
        options={scopes.map((value) => ({ value, label: scopeSaid(value) }))}
        onChange={(turn) => onChange({ turn })}
      />
    </>
  );
}
