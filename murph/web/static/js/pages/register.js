/** Creating an account. */
import { fill, h } from "../core/dom.js";
import { page } from "../core/page.js";
import { register } from "../core/session.js";
import { choices, field, form } from "../parts/form.js";
import { afterwards } from "../parts/afterwards.js";

const ROLES = [
  ["student", "Learn"],
  ["teacher", "Teach"],
];

page((view, user) => {
  if (user) return location.replace(afterwards(user));
  const fields = [
    choices({ name: "user_type", label: "What would you like to do?", options: ROLES }),
    field({ name: "name", label: "Name", autocomplete: "name", maxlength: 100, required: true }),
    field({ name: "email", label: "E-mail", type: "email", autocomplete: "username", required: true }),
    field({
      name: "password",
      label: "Password",
      hint: "At least 10 characters.",
      type: "password",
      autocomplete: "new-password",
      minlength: 10,
      maxlength: 128,
      required: true,
    }),
  ];
  const submit = async (account) => location.assign(afterwards(await register(account)));
  fill(
    view,
    h(
      "section",
      { class: "card card-pad narrow stack stack-wide" },
      h("h1", {}, "Create an account"),
      form({ fields, button: "Create the account", submit, wide: true }),
      h("p", { class: "small" }, "Already here? ", h("a", { href: `/login${location.search}` }, "Sign in")),
    ),
  );
});
