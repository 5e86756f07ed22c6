/** What can be paid out, and what was. */
import { get, intention, post } from "../../core/api.js";
import { fill, h } from "../../core/dom.js";
import { dateAndTime, minor, money } from "../../core/format.js";
import { field, form } from "../form.js";
import { readOn } from "../more.js";
import { notice } from "../notice.js";
import { loaded, state } from "../states.js";
import { sums } from "../sums.js";

const TAGS = { pending: "tag-warn", completed: "tag-good", failed: "tag-bad" };

/** @returns {HTMLElement} */
export function payouts() {
  const place = h("div", { class: "stack stack-wide" });
  loaded(place, () => content(place));
  return h(
    "section",
    { class: "card card-pad", "aria-labelledby": "payouts" },
    h("div", { class: "card-head" }, h("h2", { id: "payouts" }, "Payouts")),
    place,
  );
}

async function content(place) {
  const wallet = await get("/payments/wallet/balance");
  const load = (cursor) => get("/payments/payouts", { limit: 10, cursor });
  const empty = () => state("coin", "No payouts yet", "Ask for one when there is something to pay out.");
  const list = await readOn({ load, item, list: h("ul", { class: "list" }), empty });
  const figures = sums([
    ["Can be paid out", money(wallet.earned, wallet.currency), true],
    ["On its way", money(wallet.payout_pending, wallet.currency)],
  ]);
  return [figures, minor(wallet.earned) > 0 ? request(wallet, place) : null, ...list];
}

function request(wallet, place) {
  if (!wallet.wallet_address) {
    return h(
      "p",
      { class: "note" },
      h("span", {}, "Payouts need to know where to go: ", h("a", { href: "/profile" }, "add your wallet address"), "."),
    );
  }
  const key = intention();
  const submit = async ({ amount }) => {
    await post("/payments/payouts", { amount }, { key: `${key}-${amount}`.replace(/[^\w-]/g, "-") });
    notice("The payout is on its way.");
    fill(place);
    await loaded(place, () => content(place));
  };
  return form({
    fields: [
      field({
        name: "amount",
        label: "Amount",
        value: wallet.earned,
        inputmode: "decimal",
        required: true,
        autocomplete: "off",
      }),
    ],
    button: "Pay out",
    submit,
  });
}

function item(payout) {
  return h(
    "li",
    {},
    h(
      "span",
      { class: "row" },
      h("span", {}, dateAndTime(payout.created_at)),
      h("span", { class: `tag ${TAGS[payout.status]}` }, payout.status),
    ),
    h("b", { class: "figure" }, money(payout.amount, payout.currency)),
    payout.reason ? h("span", { class: "muted small" }, payout.reason) : null,
  );
}
