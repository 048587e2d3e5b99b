// Runs before the first paint. The rest of the theme's story is in src/lib/theme.ts.
try {
  const chosen = localStorage.getItem("carol.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // No storage: the system's theme stands.
}
