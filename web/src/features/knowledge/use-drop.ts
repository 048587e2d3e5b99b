import { useEffect, useRef, useState } from "react";

type OnFiles = (files: readonly File[], folders: ReadonlySet<File>) => void;

function filesOf(transfer: DataTransfer): [File[], Set<File>] {
  const files: File[] = [];
  const folders = new Set<File>();
  for (const item of transfer.items) {
    const file = item.kind === "file" ? item.getAsFile() : null;
    if (!file) continue;
    files.push(file);
    if (item.webkitGetAsEntry?.()?.isDirectory) folders.add(file);
  }
  return [files, folders];
}

/** Takes files dropped anywhere on the page, so that none is opened by the browser instead. True while some hover. */
export function useDrop(onFiles: OnFiles): boolean {
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;

  useEffect(() => {
    let depth = 0;
    const bearsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent): void => {
      if (!bearsFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!bearsFiles(event)) return;
      depth -= 1;
      setOver(depth > 0);
    };
    const hover = (event: DragEvent): void => {
      if (bearsFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!event.dataTransfer || !bearsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      take.current(...filesOf(event.dataTransfer));
    };
    const hearings = { dragenter: enter, dragleave: leave, dragover: hover, drop };
    for (const [name, hear] of Object.entries(hearings)) window.addEventListener(name, hear as EventListener);
    return () => {
      for (const [name, hear] of Object.entries(hearings))
        window.removeEventListener(name, hear as EventListener);
    };
  }, []);
  return over;
}
