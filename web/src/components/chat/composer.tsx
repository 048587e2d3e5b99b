import { Paperclip, SendHorizontal } from "lucide-react";
import { type DragEvent, type KeyboardEvent, type Ref, useId, useRef, useState } from "react";
import { ACCEPTED, fileProblem } from "@/components/chat/attachments";
import { QuickReplies } from "@/components/chat/quick-replies";
import { fitted, lengthOf, MOST, withPasted } from "@/components/chat/text-limits";
import { counterWords, pastedTooMuch, words } from "@/components/chat/words";
import { Button } from "@/components/ui/button";
import { Textarea } from "@/components/ui/input";
import { cn } from "@/lib/cn";

export interface ComposerProps {
  /** What is being written; the caller keeps it (`useDraft`), so that it survives a reload. */
  text: string;
  onText: (text: string) => void;
  onSend: (text: string) => void;
  /** Files that may be sent; absent where files are not taken. */
  onFiles?: ((files: File[]) => void) | undefined;
  quickReplies?: readonly { label: string; text: string }[] | undefined;
  /** Why nothing can be written now. */
  disabled?: string | undefined;
  label?: string;
  placeholder?: string;
  sendLabel?: string;
  box?: Ref<HTMLTextAreaElement>;
}

/** Where one writes: Enter sends, Shift+Enter breaks the line; a file is picked, pasted or dropped. */
export function Composer(props: ComposerProps) {
  const { text, onText, onSend, onFiles, disabled } = props;
  const id = useId();
  const picker = useRef<HTMLInputElement>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const length = lengthOf(text);
  const tooLong = length > MOST;
  const said = disabled ?? notice ?? (tooLong ? words.composer.tooLong : undefined);
  const ready = !disabled && !tooLong && text.trim() !== "";

  function send(): void {
    if (!ready) return;
    setNotice(null);
    onSend(text);
  }

  function press(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  function take(files: File[]): void {
    if (!onFiles || disabled) return;
    const problems = files.map(fileProblem);
    const good = files.filter((_, index) => problems[index] === null);
    setNotice(problems.find((problem) => problem !== null) ?? null);
    if (good.length) onFiles(good);
  }

  function paste(event: React.ClipboardEvent<HTMLTextAreaElement>): void {
    const files = [...event.clipboardData.files];
    if (files.length && onFiles) {
      event.preventDefault();
      take(files);
      return;
    }
    const pasted = event.clipboardData.getData("text/plain");
    const { selectionStart, selectionEnd } = event.currentTarget;
    const merged = withPasted(text, pasted, selectionStart, selectionEnd);
    if (!merged) return;
    // The browser never lays out what does not fit: ten million characters would freeze the page.
    event.preventDefault();
    onText(merged.text);
    setNotice(pastedTooMuch(pasted.length, merged.kept));
  }

  const dropping = onFiles
    ? {
        onDragOver: (event: DragEvent) => {
          event.preventDefault();
          setOver(true);
        },
        onDragLeave: () => setOver(false),
        onDrop: (event: DragEvent) => {
          event.preventDefault();
          setOver(false);
          take([...event.dataTransfer.files]);
        },
      }
    : {};

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      {...dropping}
      className={cn(
        "relative grid grid-cols-[minmax(0,1fr)] gap-2 border-t border-line p-2",
        over && "bg-accent-soft",
      )}
    >
      {over ? (
        <p className="pointer-events-none absolute inset-1 z-10 grid place-items-center rounded-md border border-dashed border-accent bg-accent-soft font-medium text-accent-strong">
          {words.composer.drop}
        </p>
      ) : null}
      <QuickReplies replies={disabled ? [] : (props.quickReplies ?? [])} onChoose={onSend} />
      <div
        role="status"
        className={cn("flex gap-3 px-1 text-small", !said && length < MOST * 0.9 && "sr-only")}
      >
        <p id={`${id}-said`} className={cn("grow", tooLong || notice ? "text-urgent" : "text-ink-soft")}>
          {said}
        </p>
        {length >= MOST * 0.9 ? (
          <span className={cn("shrink-0 tabular-nums", tooLong ? "text-urgent" : "text-ink-soft")}>
            {counterWords(length, MOST)}
          </span>
        ) : null}
      </div>
      <div className="flex items-end gap-1.5">
        {onFiles ? (
          <>
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              accept={ACCEPTED}
              data-testid="attach"
              onChange={(event) => {
                take([...(event.target.files ?? [])]);
                event.target.value = "";
              }}
            />
            <Button
              look="quiet"
              size="icon"
              aria-label={words.composer.attach}
              title={words.composer.attach}
              disabled={Boolean(disabled)}
              onClick={() => picker.current?.click()}
            >
              <Paperclip aria-hidden />
            </Button>
          </>
        ) : null}
        <Textarea
          ref={props.box}
          rows={1}
          aria-label={props.label ?? words.composer.label}
          aria-describedby={`${id}-said`}
          {...(tooLong ? { "aria-invalid": true } : {})}
          placeholder={props.placeholder ?? words.composer.placeholder}
          value={text}
          disabled={Boolean(disabled)}
          onChange={(event) => {
            setNotice(null);
            onText(fitted(event.target.value));
          }}
          onKeyDown={press}
          onPaste={paste}
          className="max-h-39 w-0 min-w-0 grow overflow-y-auto wrap-anywhere"
        />
        <Button
          type="submit"
          look="primary"
          size="icon"
          aria-label={props.sendLabel ?? words.composer.send}
          title={props.sendLabel ?? words.composer.send}
          disabled={!ready}
        >
          <SendHorizontal aria-hidden />
        </Button>
      </div>
    </form>
  );
}
