import createClient from "openapi-fetch";
import { watchedFetch } from "@/lib/api";
import type { paths } from "./schema";

/**
 * The API, typed by `web/openapi.json`. `got(client.GET("/api/clinics"))` gives the data or throws a Problem.
 */
export const client = createClient<paths>({ baseUrl: window.location.origin, fetch: watchedFetch });
