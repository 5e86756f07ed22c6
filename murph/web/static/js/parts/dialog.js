/** A question in the middle of the screen; the browser keeps the focus inside and closes it with Escape. */
import { h, icon, unseen } from "../core/dom.js";

/**
 * Open a dialog in place of any other; it is gone once it is closed.
 * @param {string} title
 * @param {any} content elements, or what makes them from a function that closes the dialog
 * @returns {{element: HTMLDialogElement, close: () => void, closed: Promise<void>}}
 */
export function dialog(title, content) {
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  const close = () => element.close();
  const cross = h("button", { class: "tool", type: "button", on: { click: close } }, icon("close"), unseen("Close"));
  const element = h(
    "dialog",
    { "aria-labelledby": "dialog-title" },
    h("div", { class: "row row-apart" }, h("h2", { id: "dialog-title" }, title), cross),
    h("div", { class: "stack" }, typeof content === "function" ? content(close) : content),
  );
  const closed = new Promise((resolve) => element.addEventListener("close", () => resolve(undefined)));
  element.addEventListener("close", () => element.remove());
  document.body.append(element);
  element.showModal();
  return { element, close, closed };
}
