import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { words } from "@/app/words";
import { problemWords } from "@/lib/words";
import { openConsole } from "@/test/console";
import { clinics, json, problem, serve } from "@/test/server";

type Answers = Record<string, Response>;

const stranger = (): Answers => ({
  "GET /api/clinics": problem(401, "not_signed_in"),
  "GET /api/session": json({ locked: true, signed_in: false }),
});

async function enter(password: string): Promise<void> {
  await userEvent.type(await screen.findByLabelText(words.signIn.password), password);
  await userEvent.click(screen.getByRole("button", { name: words.signIn.enter }));
}

test("a stranger gives the password and goes on where they were", async () => {
  const answers = stranger();
  const asked = serve(answers);
  const { where } = openConsole("/agenda?clinica=ipe");
  await screen.findByLabelText(words.signIn.password);
  answers["POST /api/session"] = new Response(null, { status: 204 });
  answers["GET /api/clinics"] = json(clinics);
  await enter("segredo da casa");
  expect(await screen.findByRole("heading", { level: 1, name: words.pages.agenda })).toBeVisible();
  expect(where()).toBe("/agenda?clinica=ipe");
  const sent = asked.find((request) => request.method === "POST");
  expect(await sent?.json()).toEqual({ password: "segredo da casa" });
});

test("a wrong password is said beside the box, and may be tried again", async () => {
  serve({ ...stranger(), "POST /api/session": problem(401, "wrong_password") });
  openConsole("/entrar");
  await enter("errada");
  expect(await screen.findByText(problemWords.wrong_password as string)).toBeVisible();
  expect(screen.getByLabelText(words.signIn.password)).toBeInvalid();
  expect(screen.getByRole("button", { name: words.signIn.enter })).toBeEnabled();
});

test("after too many, the wait is said and held", async () => {
  serve({ ...stranger(), "POST /api/session": problem(429, "too_many_attempts", { "retry-after": "42" }) });
  openConsole("/entrar");
  await enter("errada");
  expect(await screen.findByText(/42 segundos/)).toBeVisible();
  expect(screen.getByRole("button", { name: words.signIn.enter })).toBeDisabled();
});

test("nothing is asked of the server without a password", async () => {
  const asked = serve(stranger());
  openConsole("/entrar");
  await userEvent.click(await screen.findByRole("button", { name: words.signIn.enter }));
  expect(await screen.findByText(words.signIn.empty)).toBeVisible();
  expect(asked.filter((request) => request.method === "POST")).toEqual([]);
});

test.each(["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example"])(
  "%s is not where one lands after the password",
  async (volta) => {
    serve({
      "GET /api/clinics": json(clinics),
      "GET /api/session": json({ locked: true, signed_in: true }),
      "POST /api/session": new Response(null, { status: 204 }),
    });
    const { where } = openConsole(`/entrar?volta=${encodeURIComponent(volta)}`);
    await enter("segredo da casa");
    await waitFor(() => expect(where()).toBe("/ensaio"));
  },
);

test("after leaving, nothing that was read stays in the browser", async () => {
  const answers: Answers = {
    "GET /api/clinics": json(clinics),
    "GET /api/session": json({ locked: true, signed_in: true }),
    "DELETE /api/session": new Response(null, { status: 204 }),
  };
  serve(answers);
  const { queries, where } = openConsole("/agenda");
  await userEvent.click(await screen.findByRole("button", { name: words.appearance }));
  Object.assign(answers, stranger());
  await userEvent.click(await screen.findByRole("menuitem", { name: words.signOut }));
  await waitFor(() => expect(where()).toContain("/entrar"));
  await waitFor(() => expect(queries.getQueryData(["clinics"])).toBeUndefined());
});
