/** Lists that are read on with a button: the API gives them in pages with a cursor. */
import { h } from "../core/dom.js";

/**
 * Make a list of what `load` gives.
 * @param {{load: (cursor: string | null) => Promise<any>, item: (each: any) => Element, list: Element, empty: () => Element}} options
 * @returns {Promise<Element[]>} the list and, while there is more, the button
 */
export async function readOn({ load, item, list, empty }) {
  const first = await load(null);
  if (!first.items.length) return [empty()];
  list.append(...first.items.map(item));
  return first.next_cursor ? [list, moreButton(first.next_cursor, load, item, list)] : [list];
}

function moreButton(cursor, load, item, list) {
  const button = h("button", { class: "button button-quiet", type: "button" }, "Show more");
  const row = h("div", { class: "row" }, button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const next = await load(cursor);
      const added = next.items.map(item);
      list.append(...added);
      added[0]?.querySelector("a, button")?.focus({ preventScroll: true });
      cursor = next.next_cursor;
      if (!cursor) row.remove();
    } catch (error) {
      button.textContent = "That did not work. Try again";
      console.error(error);
    }
    button.disabled = false;
  });
  return row;
}
