import { X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { CheckRow } from "@/features/evals/check-row";
import { type Doc, type Wanted, wantedOf, withValue } from "@/features/evals/document";
import { words } from "@/features/evals/own-words";
import { choicesOf, columns, isWall, rowSaid, valueSaid } from "@/features/evals/row-words";

interface ExpectedRowsProps {
  document: Doc;
  /** Absent: it is only read. */
  onChange?: (next: Doc) => void;
  onRemove?: (row: Wanted) => void;
}

/** What must be registered at the end, row by row, in words; each value may be put right. */
export function ExpectedRows({ document, onChange, onRemove }: ExpectedRowsProps) {
  const rows = wantedOf(document);
  if (!rows.length) return <p className="text-ink-soft">{words.nothingExpected}</p>;
  return (
    <ul className="grid gap-3">
      {rows.map((row) => (
        <li
          key={`${row.noun} ${row.how} ${row.at}`}
          className="grid gap-2 rounded-md border border-line bg-surface p-3"
        >
          <div className="flex items-start gap-2">
            <p className="min-w-0 grow font-medium">{rowSaid(row.noun, row.how)}</p>
            {onRemove ? (
              <Button
                look="quiet"
                size="icon"
                className="-my-1.5 -mr-1.5"
                aria-label={words.draft.removeRow(rowSaid(row.noun, row.how))}
                onClick={() => onRemove(row)}
              >
                <X aria-hidden />
              </Button>
            ) : null}
          </div>
          {row.was ? <Read noun={row.noun} values={row.was} /> : null}
          {onChange ? (
            <Edit row={row} onValue={(column, value) => onChange(withValue(document, row, column, value))} />
          ) : (
            <Read noun={row.noun} values={row.values} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Read({ noun, values }: { noun: string; values: Doc }) {
  return (
    <dl className="flex flex-wrap gap-x-4 gap-y-0.5">
      {Object.entries(values).map(([column, value]) => (
        <div key={column} className="flex flex-wrap gap-x-1.5">
          <dt className="text-ink-faint">{columns[column] ?? column}</dt>
          <dd className="wrap-anywhere">{valueSaid(noun, column, value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Edit({ row, onValue }: { row: Wanted; onValue: (column: string, value: unknown) => void }) {
  return (
    <div className="grid gap-2 sm:grid-cols-2">
      {Object.entries(row.values).map(([column, value]) =>
        typeof value === "string" ? (
          <Field key={column} label={columns[column] ?? column}>
            {(control) => (
              <Value control={control} row={row} column={column} value={value} onValue={onValue} />
            )}
          </Field>
        ) : typeof value === "number" ? (
          <Field key={column} label={columns[column] ?? column}>
            {(control) => (
              <Input
                {...control}
                type="number"
                step="any"
                value={value}
                onChange={(event) => onValue(column, event.target.valueAsNumber || 0)}
              />
            )}
          </Field>
        ) : typeof value === "boolean" ? (
          <CheckRow
            key={column}
            label={columns[column] ?? column}
            checked={value}
            onChange={(next) => onValue(column, next)}
          />
        ) : (
          <Read key={column} noun={row.noun} values={{ [column]: value }} />
        ),
      )}
    </div>
  );
}

interface ValueProps {
  control: { id: string };
  row: Wanted;
  column: string;
  value: string;
  onValue: (column: string, value: unknown) => void;
}

/** One of a few, an instant of the clinic's wall, or words. */
function Value({ control, row, column, value, onValue }: ValueProps) {
  const choices = choicesOf(row.noun, column, value);
  if (choices)
    return (
      <Select
        id={control.id}
        label={columns[column] ?? column}
        value={value}
        options={Object.entries(choices).map(([code, label]) => ({ value: code, label }))}
        onChange={(next) => onValue(column, next)}
      />
    );
  return (
    <Input
      {...control}
      autoComplete="off"
      type={isWall(value) ? "datetime-local" : "text"}
      value={value}
      onChange={(event) => onValue(column, isWall(value) ? event.target.value || value : event.target.value)}
    />
  );
}
