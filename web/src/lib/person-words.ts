/** What a person is to the owner of the phone that writes. */
const relationships: Readonly<Record<string, string>> = {
  self: "",
  child: "dependente",
  parent: "pai ou mãe",
  spouse: "cônjuge",
  relative: "parente",
  caregiver: "sob cuidado",
  other: "outra pessoa",
};

/** "João (dependente)" */
export function personSaid(name: string, relationship: string): string {
  const said = relationships[relationship] ?? "";
  return said ? `${name} (${said})` : name;
}
