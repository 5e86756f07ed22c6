/** Putting money into the wallet: the payment page is the gateway's, in a tab of its own; here one waits for it. */
import { get, intention, post } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { amountOf, money } from "../core/format.js";
import { dialog } from "./dialog.js";
import { field, form } from "./form.js";

const AMOUNTS = [500, 1000, 2000, 5000].map(amountOf);
const SUGGESTED = AMOUNTS[2];
const LOOK_EVERY_MS = 1500;
const LOOK_LATER_MS = 5000; // once the question was closed: its payment page may still be open
const OUTCOMES = {
  declined: "The payment was declined. Nothing was taken.",
  expired: "The payment page has closed. Nothing was taken.",
  mismatch: "What was paid is not what was asked for. Somebody looks into it.",
};

/**
 * Ask for an amount and wait until it is paid.
 * @param {(topUp: any) => void} paid is called once the money is there
 */
export function topUp(paid) {
  const place = h("div", { class: "stack" });
  const { element, close, closed } = dialog("Top up your wallet", place);
  ask(place, (asked) => follow(asked, { isOpen: () => element.isConnected, place, close, paid }));
  return closed;
}

function ask(place, asked) {
  const key = intention();
  const amount = field({
    name: "amount",
    label: "Amount",
    inputmode: "decimal",
    value: SUGGESTED,
    required: true,
    autocomplete: "off",
  });
  const input = amount.querySelector("input");
  const quick = AMOUNTS.map((each) =>
    h(
      "button",
      { class: "button button-quiet", type: "button", on: { click: () => (input.value = each) } },
      money(each),
    ),
  );
  const submit = async (values) => {
    // Another amount is another intention.
    const topUp = await post(
      "/payments/topups",
      { amount: values.amount },
      { key: `${key}${values.amount}`.replace(/[^\w]/g, "-") },
    );
    fill(place, waiting(topUp));
    asked(topUp);
  };
  fill(
    place,
    form({ fields: [h("div", { class: "amounts" }, quick), amount], button: "Continue", submit, wide: true }),
  );
}

function waiting(asked) {
  const test = asked.test_money
    ? h("p", { class: "note note-good" }, icon("check"), h("span", {}, "Test money: no real payment is made."))
    : null;
  return [
    h("p", {}, `Pay ${money(asked.amount, asked.currency)} on the payment page; it opens in a new tab.`),
    test,
    h(
      "a",
      { class: "button button-wide", href: asked.payment_url, target: "_blank", rel: "noopener" },
      icon("external"),
      "Open the payment page",
    ),
    h("p", { class: "muted small", role: "status" }, "Waiting for the payment. You can leave this open."),
  ];
}

async function follow(asked, { isOpen, place, close, paid }) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, isOpen() ? LOOK_EVERY_MS : LOOK_LATER_MS));
    const now = await get(`/payments/topups/${asked.id}`).catch(() => asked); // away for a moment: look again
    if (now.status === "paid") {
      close();
      return paid(now);
    }
    if (OUTCOMES[now.status]) {
      const again = () => ask(place, (next) => follow(next, { isOpen, place, close, paid }));
      return fill(
        place,
        h("p", { class: "note note-warn", role: "alert" }, icon("alert"), h("span", {}, OUTCOMES[now.status])),
        h("button", { class: "button button-wide", type: "button", on: { click: again } }, "Try another payment"),
      );
    }
  }
}
