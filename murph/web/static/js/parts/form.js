/** Forms: fields with their messages, sent once at a time, and the API's refusals where they belong. */
import { fill, h, icon } from "../core/dom.js";
import { ApiError } from "../core/http.js";
import { signInAddress } from "./states.js";

let numbers = 0;

/**
 * @typedef {object} Field
 * @property {string} name as the API calls it
 * @property {string} label
 * @property {string} [hint]
 * @property {"input" | "textarea" | "select"} [tag]
 * @property {[string, string][]} [options] of a select: value and words
 */

/**
 * Make a field with its label; further properties become attributes of the input.
 * @param {Field & Record<string, any>} field
 * @returns {HTMLElement}
 */
export function field({ name, label, hint, tag = "input", options = [], value, ...attributes }) {
  const id = `field-${(numbers += 1)}`;
  const notes = [hint ? `${id}-hint` : null, `${id}-wrong`].filter(Boolean).join(" ");
  const control = h(
    tag,
    { id, name, "aria-describedby": notes, ...attributes },
    options.map(([each, words]) => h("option", { value: each, selected: each === (value ?? "") }, words)),
  );
  if (tag !== "select" && value !== undefined && value !== null) control.value = value;
  return h(
    "div",
    { class: "field", data: { field: name } },
    h("label", { for: id }, label),
    control,
    hint ? h("span", { class: "hint", id: `${id}-hint` }, hint) : null,
    h("span", { class: "wrong", id: `${id}-wrong` }),
  );
}

/**
 * Make a choice of a few.
 * @param {{name: string, label: string, options: [string, string][], value?: string}} choice
 * @returns {HTMLElement}
 */
export function choices({ name, label, options, value = options[0][0] }) {
  const each = options.map(([key, words]) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name, value: key, checked: key === value }),
      h("span", {}, words),
    ),
  );
  return h("fieldset", { class: "choices", data: { field: name } }, h("legend", {}, label), each);
}

/**
 * Make a form; `submit` gets the values by name, and what it throws is shown in the form.
 * @param {{fields: any[], button: string, submit: (values: Record<string, string>, form: HTMLFormElement) => Promise<void>, wide?: boolean, extra?: any}} parts
 * @returns {HTMLFormElement}
 */
export function form({ fields, button, submit, wide = false, extra = null }) {
  const words = h("div", { role: "alert" });
  const press = h("button", { class: `button${wide ? " button-wide" : ""}`, type: "submit" }, button);
  const element = h(
    "form",
    { class: "stack", novalidate: true },
    fields,
    words,
    h("div", { class: "row" }, press, extra),
  );
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (press.disabled) return;
    clear(element, words);
    if (!complete(element)) return;
    press.disabled = true;
    try {
      await submit(values(element), element);
    } catch (error) {
      showRefusal(element, words, error);
    } finally {
      press.disabled = false;
    }
  });
  return element;
}

/**
 * Return a form's values by name; files are left out.
 * @param {HTMLFormElement} element
 * @returns {Record<string, string>}
 */
export function values(element) {
  const entries = [...new FormData(element).entries()];
  return Object.fromEntries(entries.filter(([, value]) => typeof value === "string").map(([k, v]) => [k, String(v)]));
}

function complete(element) {
  const wrong = [...element.querySelectorAll("input, textarea, select")].filter((control) => !control.checkValidity());
  for (const control of wrong) mark(element, control.name, control.validationMessage);
  wrong[0]?.focus();
  return wrong.length === 0;
}

function clear(element, words) {
  fill(words);
  for (const place of element.querySelectorAll(".wrong")) place.textContent = "";
  for (const control of element.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function showRefusal(element, words, error) {
  const errors = error instanceof ApiError ? Object.entries(error.errors) : [];
  const homeless = errors.filter(([name, messages]) => !mark(element, name, [messages].flat().join(" ")));
  if (errors.length && !homeless.length) return element.querySelector("[aria-invalid]")?.focus();
  const said = homeless.length
    ? homeless.map(([name, messages]) => `${name}: ${[messages].flat().join(" ")}`).join(" ")
    : error.message;
  if (!(error instanceof Error)) throw error;
  const way = error instanceof ApiError && error.isSignedOut ? h("a", { href: signInAddress() }, "Sign in") : null;
  fill(words, h("p", { class: "note note-bad" }, icon("alert"), h("span", {}, said, " ", way)));
}

function mark(element, name, message) {
  const place = element.querySelector(`[data-field="${CSS.escape(name)}"] .wrong`);
  const control = element.querySelector(`[name="${CSS.escape(name)}"]`);
  if (!place || !control) return false;
  place.textContent = message;
  control.setAttribute("aria-invalid", "true");
  return true;
}
