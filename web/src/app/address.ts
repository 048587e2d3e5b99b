/** What is in the address and means something, else undefined: said, since what a page leaves out stays as it was written. */
export function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value ? value : undefined;
}

export function id(value: unknown): string | undefined {
  const said = text(value);
  return said && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(said) ? said : undefined;
}

/** A day that exists, of a century that a clinic may mean. */
export function day(value: unknown): string | undefined {
  const said = text(value);
  if (!said || !/^20\d\d-\d\d-\d\d$/.test(said)) return undefined;
  const read = new Date(`${said}T12:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(said) ? said : undefined;
}
