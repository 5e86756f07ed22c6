/** A receipt beside what the books have of it: the movements of its session in one's own wallet. */
import { all } from "../core/api.js";
import { h, icon } from "../core/dom.js";
import { minor } from "../core/format.js";
import { movement } from "./movement.js";
import { loaded } from "./states.js";

const LOCKED_BEFORE_MS = 16 * 60_000; // money may be set aside for a quarter of an hour before the clock runs
const SETTLED_AFTER_MS = 60_000;

/**
 * Return the movements of a settled session, and whether they come to what the receipt says.
 * @param {any} receipt
 * @returns {HTMLElement}
 */
export function books(receipt) {
  const place = h("div", { class: "stack" });
  loaded(place, async () => {
    const found = await movementsOf(receipt);
    return [h("ul", { class: "list" }, found.map(movement)), agreement(receipt, found)];
  });
  return h(
    "section",
    { class: "card card-pad", "aria-labelledby": "books" },
    h("div", { class: "card-head" }, h("h2", { id: "books" }, "In the books")),
    place,
  );
}

async function movementsOf({ session_id, started_at, ended_at, settled_at, issued_at }) {
  const from = around(started_at ?? ended_at, -LOCKED_BEFORE_MS);
  const to = around(settled_at ?? issued_at, SETTLED_AFTER_MS);
  const found = [];
  for await (const each of all("/payments/transactions", { from, to }))
    if (each.reference.id === session_id) found.unshift(each);
  return found;
}

function around(moment, ms) {
  return new Date(Date.parse(moment) + ms).toISOString();
}

function agreement(receipt, found) {
  const sum = (type) => found.filter((each) => each.type === type).reduce((all, { amount }) => all + minor(amount), 0);
  const told =
    receipt.locked_amount === undefined
      ? { payment: receipt.teacher_paid }
      : { lock: receipt.locked_amount, payment: receipt.cost, refund: receipt.refunded };
  const agrees = Object.entries(told).every(([type, amount]) => sum(type) === minor(amount));
  return h(
    "p",
    { class: `note ${agrees ? "note-good" : "note-warn"}`, data: { agrees: String(agrees) } },
    icon(agrees ? "check" : "alert"),
    h(
      "span",
      {},
      agrees ? "These entries come to what the receipt says." : "These entries do not come to what the receipt says.",
    ),
  );
}
