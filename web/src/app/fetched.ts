import { connection } from "@/lib/connection";

/**
 * The code of a page. A part that a server who answers no longer has belongs to an older build, and the router loads the
 * console again; while she does not answer that would lose what is on the screen, so the error is made another one.
 */
export async function fetched<Part>(importer: () => Promise<Part>): Promise<Part> {
  try {
    return await importer();
  } catch (error) {
    if (await connection.ask()) throw error;
    throw new TypeError("this page's code could not be fetched", { cause: error });
  }
}
