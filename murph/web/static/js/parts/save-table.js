/** A button that saves a table for spreadsheets. */
import { saveTable } from "../core/download.js";
import { h, icon } from "../core/dom.js";
import { notice } from "./notice.js";

/**
 * Return the button.
 * @param {string} path of the table in the API
 * @param {() => Record<string, any>} query what is chosen when it is pressed
 * @param {string} name of the file
 * @returns {HTMLElement}
 */
export function tableButton(path, query, name) {
  const save = async () => {
    button.disabled = true;
    await saveTable(path, query(), name).catch((error) => notice(error.message, { sign: icon("alert") }));
    button.disabled = false;
  };
  const button = h(
    "button",
    { class: "button button-quiet", type: "button", on: { click: save } },
    icon("download"),
    "As a table (CSV)",
  );
  return button;
}
