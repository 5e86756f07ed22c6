/** Signing in. */
import { fill, h } from "../core/dom.js";
import { page } from "../core/page.js";
import { signIn } from "../core/session.js";
import { field, form } from "../parts/form.js";
import { afterwards } from "../parts/afterwards.js";

page((view, user) => {
  if (user) return location.replace(afterwards(user));
  const fields = [
    field({ name: "email", label: "E-mail", type: "email", autocomplete: "username", required: true }),
    field({ name: "password", label: "Password", type: "password", autocomplete: "current-password", required: true }),
  ];
  const submit = async ({ email, password }) => location.assign(afterwards(await signIn({ email, password })));
  fill(
    view,
    h(
      "section",
      { class: "card card-pad narrow stack stack-wide" },
      h("div", { class: "page-head" }, h("h1", {}, "Sign in"), h("p", { class: "muted" }, "Good to see you again.")),
      form({ fields, button: "Sign in", submit, wide: true }),
      h("p", { class: "small" }, "New here? ", h("a", { href: `/register${location.search}` }, "Create an account")),
    ),
  );
});
