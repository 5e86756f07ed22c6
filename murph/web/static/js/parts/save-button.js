/** A button that saves what the API answers. */
import { save } from "../core/download.js";
import { h, icon } from "../core/dom.js";
import { notice } from "./notice.js";

/**
 * Return the button.
 * @param {string} words
 * @param {string} path in the API
 * @param {string} name of the file
 * @param {() => Record<string, any>} [query] what is chosen when it is pressed
 * @returns {HTMLElement}
 */
export function saveButton(words, path, name, query = () => ({})) {
  const press = async () => {
    button.disabled = true;
    await save(path, query(), name).catch((error) => notice(error.message, { sign: icon("alert") }));
    button.disabled = false;
  };
  const button = h(
    "button",
    { class: "button button-quiet", type: "button", on: { click: press } },
    icon("download"),
    words,
  );
  return button;
}

/**
 * Return a button for a table that spreadsheets read.
 * @param {string} path
 * @param {string} name of the file
 * @param {() => Record<string, any>} query
 * @returns {HTMLElement}
 */
export const tableButton = (path, name, query) => saveButton("As a table (CSV)", path, name, query);
