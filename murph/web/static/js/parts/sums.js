/** Figures with their names. */
import { h } from "../core/dom.js";

/**
 * Return names and values below one another.
 * @param {[string, any, boolean?][]} rows name, value, and whether it is what the others come to
 * @returns {HTMLElement}
 */
export function sums(rows) {
  return h(
    "dl",
    { class: "sums" },
    rows.map(([name, value, isTotal]) =>
      h("div", { class: isTotal ? "total" : null }, h("dt", {}, name), h("dd", {}, value)),
    ),
  );
}

/**
 * Return one figure as a tile.
 * @param {string} name
 * @param {any} value
 * @param {any} [note]
 * @param {string} [className]
 * @returns {HTMLElement}
 */
export function tile(name, value, note = null, className = "") {
  return h(
    "div",
    { class: `card tile ${className}` },
    h("span", { class: "tile-name" }, name),
    h("span", { class: "tile-value" }, value),
    note ? h("span", { class: "tile-note" }, note) : null,
  );
}
