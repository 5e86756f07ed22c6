/** Saving what the API answers as a file: a link alone could not send a token. */
import { get } from "./api.js";
import { h } from "./dom.js";

/**
 * Ask for a table and let the browser save it.
 * @param {string} path
 * @param {Record<string, any>} query
 * @param {string} name of the file
 */
export async function saveTable(path, query, name) {
  const address = URL.createObjectURL(new Blob([await get(path, query)], { type: "text/csv" }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address)); // once the browser has taken it up
}
