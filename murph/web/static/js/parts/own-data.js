/** What is held about oneself: to take it along, and to have it forgotten. */
import { h } from "../core/dom.js";
import { erase } from "../core/session.js";
import { dialog } from "./dialog.js";
import { field, form } from "./form.js";
import { saveButton } from "./save-button.js";

/**
 * Return the part of the profile about it.
 * @returns {HTMLElement}
 */
export function ownData() {
  const leave = h("button", { class: "button button-danger", type: "button", on: { click: ask } }, "Delete the account");
  return h(
    "section",
    { class: "card card-pad stack", "aria-labelledby": "own-data" },
    h("h2", { id: "own-data" }, "Your data"),
    h("p", {}, "Everything that is held about you, in one file: account, sessions, movements, reviews, questions."),
    h("div", { class: "row" }, saveButton("Save all of it (JSON)", "/users/me/export", "murph-export.json"), leave),
  );
}

function ask() {
  const password = field({
    name: "password",
    label: "Your password",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const submit = async (values) => {
    await erase(values.password);
    location.assign("/");
  };
  dialog("Delete the account?", [
    h("p", {}, "Name, e-mail address, profile, reviews' words and questions are forgotten, at once and for ever."),
    h("p", {}, "Amounts and watched times stay in the books, without a name. First empty the wallet, and withdraw courses."),
    form({ fields: [password], button: "Delete it for ever", submit }),
  ]);
}
