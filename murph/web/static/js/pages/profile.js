/** One's own profile, the password, and signing out. */
import { get, put } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { date, initials } from "../core/format.js";
import { page, showHeader } from "../core/page.js";
import { remember, signOut } from "../core/session.js";
import { field, form } from "../parts/form.js";
import { notice } from "../parts/notice.js";
import { ownData } from "../parts/own-data.js";

page(
  async (view) => {
    const me = await get("/auth/me");
    const leave = h("button", { class: "button button-quiet", type: "button" }, "Sign out");
    leave.addEventListener("click", async () => {
      leave.disabled = true;
      try {
        await signOut();
        location.assign("/");
      } catch (error) {
        leave.disabled = false;
        notice(`You are still signed in. ${error.message}`, { sign: icon("alert") });
      }
    });
    fill(
      view,
      h(
        "div",
        { class: "row row-apart" },
        h(
          "div",
          { class: "person" },
          h("span", { class: "avatar", "aria-hidden": "true" }, initials(me.name)),
          h(
            "div",
            {},
            h("h1", {}, me.name),
            h("p", { class: "muted small" }, `${me.user_type} since ${date(me.created_at)}`),
          ),
        ),
        leave,
      ),
      h("div", { class: "columns columns-even" }, about(me), h("div", { class: "stack" }, password(), ownData())),
    );
  },
  { needs: "signed-in" },
);

function about(me) {
  const fields = [
    field({ name: "name", label: "Name", value: me.name, autocomplete: "name", maxlength: 100, required: true }),
    field({ name: "email", label: "E-mail", type: "email", value: me.email, autocomplete: "email", required: true }),
    field({ tag: "textarea", name: "bio", label: "About you", value: me.bio ?? "", maxlength: 2000 }),
    field({
      name: "wallet_address",
      label: "Wallet address",
      hint: "An Ethereum address, or your account at the payment gateway. Payouts go there.",
      value: me.wallet_address ?? "",
      autocomplete: "off",
    }),
  ];
  const submit = async (values) => {
    const saved = await put("/auth/me", {
      ...values,
      bio: values.bio || null,
      wallet_address: values.wallet_address || null,
    });
    remember(saved);
    showHeader();
    notice("Saved.");
  };
  return h(
    "section",
    { class: "card card-pad stack", "aria-labelledby": "about" },
    h("h2", { id: "about" }, "About you"),
    form({ fields, button: "Save", submit }),
  );
}

function password() {
  const fields = [
    field({
      name: "current_password",
      label: "Password now",
      type: "password",
      autocomplete: "current-password",
      required: true,
    }),
    field({
      name: "password",
      label: "New password",
      type: "password",
      autocomplete: "new-password",
      minlength: 10,
      maxlength: 128,
      required: true,
      hint: "At least 10 characters. Other devices are signed out.",
    }),
  ];
  const submit = async (values, element) => {
    await put("/auth/me", values);
    element.reset();
    notice("The password is changed. Other devices are signed out.");
  };
  return h(
    "section",
    { class: "card card-pad stack", "aria-labelledby": "password" },
    h("h2", { id: "password" }, "Password"),
    form({ fields, button: "Change the password", submit }),
  );
}
