import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { tryIn, words } from "@/app/words";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { explain, Problem } from "@/lib/problem";
import { signIn } from "@/lib/session";

/** A path of ours, or the front page: an address from elsewhere is not where one lands after the password. */
function ours(path: string | undefined): string {
  return path && /^\/(?![/\\])/.test(path) ? path : "/";
}

/** Seconds left of a wait that began when `problem` came. */
function useWait(problem: unknown): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const seconds = problem instanceof Problem ? (problem.retryAfter ?? 0) : 0;
    const until = Date.now() + seconds * 1000;
    setLeft(seconds);
    if (!seconds) return;
    const timer = setInterval(() => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000))), 250);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}

/** Asks for the password and goes back to where the person was. */
export function SignIn() {
  const { volta } = useSearch({ from: "/entrar" });
  const router = useRouter();
  const queries = useQueryClient();
  const [password, setPassword] = useState("");
  const [empty, setEmpty] = useState(false);
  const entering = useMutation({
    mutationFn: signIn,
    onSuccess: async () => {
      queries.clear();
      await router.navigate({ href: ours(volta), replace: true });
    },
  });
  const wait = useWait(entering.error);
  const refusal = entering.error ? explain(entering.error) : undefined;
  const said = empty ? words.signIn.empty : wait > 0 ? `${refusal} ${tryIn(wait)}` : refusal;

  function submit(event: FormEvent): void {
    event.preventDefault();
    setEmpty(!password);
    if (password) entering.mutate(password);
  }

  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <title>{`${words.signIn.title} · ${words.product}`}</title>
      <form
        onSubmit={submit}
        noValidate
        className="grid w-full max-w-sm gap-4 rounded-lg border border-line bg-surface p-6"
      >
        <div>
          <h1 className="text-page font-semibold tracking-tight">{words.product}</h1>
          <p className="text-ink-soft">{words.signIn.about}</p>
        </div>
        <div role="alert" className="contents">
          <Field label={words.signIn.password} error={said}>
            {(control) => (
              <Input
                {...control}
                type="password"
                name="password"
                autoComplete="current-password"
                autoFocus
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Button type="submit" look="primary" disabled={entering.isPending || wait > 0}>
          {entering.isPending ? words.signIn.entering : words.signIn.enter}
        </Button>
      </form>
    </main>
  );
}
