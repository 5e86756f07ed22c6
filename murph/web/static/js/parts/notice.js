/** Short messages at the edge of the screen, which screen readers read out once. */
import { h, icon } from "../core/dom.js";

const SHOWN_MS = 6000;

/**
 * Tell something that needs no answer.
 * @param {string} words
 * @param {{stays?: boolean, sign?: Element}} [options]
 * @returns {HTMLElement}
 */
export function notice(words, { stays = false, sign = icon("check") } = {}) {
  const shown = h("div", { class: "notice" }, sign, h("span", {}, words));
  document.getElementById("notices")?.append(shown);
  if (!stays) setTimeout(() => shown.remove(), SHOWN_MS);
  return shown;
}
