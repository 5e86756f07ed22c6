/** The receipt of a session: what was watched, what it cost, and what came back. */
import { get } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { dateAndTime, duration, money } from "../core/format.js";
import { idInAddress, page, titled } from "../core/page.js";
import { books } from "../parts/books.js";
import { WHY_ENDED } from "../parts/player/words.js";
import { reviewForm } from "../parts/review-form.js";
import { sums } from "../parts/sums.js";
import { timeline } from "../parts/timeline.js";

const LOOK_EVERY_MS = 1500;
const LOOKS = 20;
page(
  async (view) => {
    const id = idInAddress();
    const receipt = await get(`/sessions/${id}/receipt`);
    if (["active", "locked"].includes(receipt.status)) return fill(view, stillRunning(receipt));
    const course = await get(`/courses/${receipt.course_id}`).catch(() => null); // it may have been archived since
    titled(`Receipt for ${receipt.course_title}`);
    show(view, receipt, course);
    if (receipt.status === "ending") await follow(view, id, course);
  },
  { needs: "signed-in" },
);

async function follow(view, id, course) {
  for (let look = 0; look < LOOKS; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const receipt = await get(`/sessions/${id}/receipt`);
    if (receipt.status !== "ending") return show(view, receipt, course);
  }
  return undefined;
}

function show(view, receipt, course) {
  const isStudents = receipt.locked_amount !== undefined;
  fill(
    view,
    h(
      "article",
      { class: "paper stack stack-wide" },
      paper(receipt, isStudents),
      isStudents ? watched(receipt, course) : null,
      receipt.status === "ending" ? null : books(receipt),
      isStudents ? reviewForm(receipt) : null,
    ),
  );
}

function paper(receipt, isStudents) {
  const amount = (value) => money(value, receipt.currency);
  const isFree = receipt.status === "cancelled";
  const mine = isStudents
    ? [
        ["Set aside", amount(receipt.locked_amount)],
        ["Came back", amount(receipt.refunded)],
      ]
    : [
        ["Platform's fee", amount(receipt.fee)],
        ["Paid to you", amount(receipt.teacher_paid), true],
      ];
  const given = receipt.refunds.map((each) => ["Given back later", amount(each.amount)]);
  return h(
    "section",
    { class: "card card-pad", "aria-label": "Receipt" },
    h(
      "div",
      { class: "receipt-head" },
      h("p", { class: "muted small" }, "Receipt"),
      h("h1", {}, receipt.course_title),
      h("p", { class: "muted" }, `by ${receipt.teacher_name}`),
      h("p", { class: "receipt-cost", data: { cost: receipt.cost } }, amount(receipt.cost)),
      h("p", {}, isFree ? "A first short visit is free." : `for ${duration(receipt.used_seconds)} watched`),
      settled(receipt),
    ),
    sums([
      ["Price a minute", amount(receipt.price_per_minute)],
      ["Watched", duration(receipt.used_seconds)],
      ["Cost", amount(receipt.cost), isStudents],
      ...mine,
      ...given,
      ["Began", dateAndTime(receipt.started_at)],
      ["Ended", dateAndTime(receipt.ended_at)],
      ["Why", WHY_ENDED[receipt.end_reason] ?? "–"],
    ]),
    h("p", { class: "muted small" }, `Receipt ${receipt.session_id}`),
  );
}

function settled(receipt) {
  if (receipt.status === "ending") return h("span", { class: "tag tag-warn", role: "status" }, "Being settled");
  return h("span", { class: "tag tag-good" }, icon("check"), receipt.status === "cancelled" ? "Free" : "Settled");
}

function watched(receipt, course) {
  const videos = new Map((course?.videos ?? []).map((video) => [video.id, video]));
  const lines = (receipt.intervals ?? []).map((seen) => {
    const video = videos.get(seen.video_id);
    return timeline(video?.title ?? "Video", video?.duration_seconds ?? 0, seen);
  });
  if (!lines.length) return null;
  return h(
    "section",
    { class: "card card-pad stack stack-wide", "aria-labelledby": "watched" },
    h("h2", { id: "watched" }, "What you watched"),
    lines,
  );
}

function stillRunning(receipt) {
  return h(
    "section",
    { class: "state" },
    icon("film", "state-icon"),
    h("h1", {}, "This session is still running"),
    h("p", {}, `The receipt of “${receipt.course_title}” comes when it has ended.`),
    h("a", { class: "button", href: `/watch/${receipt.course_id}` }, "To the player"),
  );
}
