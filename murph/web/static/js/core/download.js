/** Saving what the API answers as a file: a link alone could not send a token. */
import { get } from "./api.js";
import { h } from "./dom.js";

/**
 * Ask for a table or a document and let the browser save it.
 * @param {string} path
 * @param {Record<string, any>} query
 * @param {string} name of the file
 */
export async function save(path, query, name) {
  const answer = await get(path, query);
  const file =
    typeof answer === "string"
      ? new Blob([answer], { type: "text/csv" })
      : new Blob([JSON.stringify(answer, null, 2)], { type: "application/json" });
  const address = URL.createObjectURL(file);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address)); // once the browser has taken it up
}
