/** What moved in a wallet. */
import { h } from "../core/dom.js";
import { dateAndTime, money } from "../core/format.js";

const KINDS = {
  lock: "Set aside for a session",
  payment: "Watched",
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
  const sign = each.direction === "in" ? "+" : "−";
  const words = (each.direction === "in" ? EARNED[each.type] : null) ?? KINDS[each.type] ?? each.type;
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
    h("b", { class: `figure ${each.direction === "in" ? "good" : ""}` }, `${sign}${money(each.amount, each.currency)}`),
    h("span", { class: "muted small" }, dateAndTime(each.created_at)),
  );
}
