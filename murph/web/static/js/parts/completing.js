/** Completing what is being typed into the search. */
import { get } from "../core/api.js";
import { fill, h } from "../core/dom.js";

const PAUSE_MS = 150;
const FEWEST = 2;

/**
 * Return the list of completions of an input, which follows what is typed.
 * @param {HTMLInputElement} input
 * @returns {HTMLElement}
 */
export function completing(input) {
  const list = h("datalist", { id: "completions" });
  input.setAttribute("list", "completions");
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => complete(input.value.trim(), list), PAUSE_MS);
  });
  return list;
}

async function complete(words, list) {
  if (words.length < FEWEST) return fill(list);
  const { items } = await get("/discovery/suggest", { q: words, limit: 6 }).catch(() => ({ items: [] })); // one can do without
  return fill(
    list,
    items.map(({ text }) => h("option", { value: text })),
  );
}
