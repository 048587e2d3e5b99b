import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueries } from "@/app/queries";
import { askWho, createConsole } from "@/app/router";
import { connection } from "@/lib/connection";
import "@/app/style.css";

const queries = createQueries(() => askWho(router));
const router = createConsole(queries);

// What the browser believes of the network is a reason to look, no more.
window.addEventListener("offline", () => connection.suspect());
window.addEventListener("online", () => connection.lost && connection.retry());

// Once the first page rests the others are fetched too: going on must not depend on the server being there.
setTimeout(() => {
  for (const route of Object.values(router.routesById)) void router.loadRouteChunk(route);
}, 2_000);

const place = document.getElementById("root");
if (!place) throw new Error("index.html has no #root");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
