/** What moved in a wallet. */
import { h } from "../core/dom.js";
import { dateAndTime, money } from "../core/format.js";

const KINDS = {
  lock: "Set aside for a session",
  payment: "Watched, out of what was set aside",
  refund: "Came back",
  quality_bonus: "Bonus for quality",
  topup: "Top-up",
  payout: "Payout",
  adjustment: "Correction",
};
const EARNED = { payment: "Paid to you" };

/**
 * Return one movement as a line of a list; that of a session leads to its receipt.
 * @param {any} each
 * @returns {HTMLElement}
 */
export function movement(each) {
  const isIn = each.direction === "in";
  const isSetAside = each.type === "payment" && !isIn; // it went out before: a second minus would count it twice
  const words = (isIn ? EARNED[each.type] : null) ?? KINDS[each.type] ?? each.type;
  const amount = `${isIn ? "+" : isSetAside ? "" : "−"}${money(each.amount, each.currency)}`;
  const address = `/receipts/${each.reference.id}`;
  const leads = each.reference.type === "session" && each.type !== "lock" && location.pathname !== address;
  const name = leads ? h("a", { href: address }, words) : h("span", {}, words);
  const standing =
    each.status === "completed"
      ? null
      : h("span", { class: `tag ${each.status === "failed" ? "tag-bad" : "tag-warn"}` }, each.status);
  return h(
    "li",
    {},
    h("span", { class: "row" }, name, standing),
    h("b", { class: `figure ${isIn ? "good" : isSetAside ? "muted" : ""}` }, amount),
    h("span", { class: "muted small" }, dateAndTime(each.created_at)),
  );
}
