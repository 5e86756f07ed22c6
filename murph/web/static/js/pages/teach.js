/** The teacher's desk. */
import { fill, h } from "../core/dom.js";
import { page } from "../core/page.js";
import { courses } from "../parts/desk/courses.js";
import { dashboard } from "../parts/desk/dashboard.js";
import { earnings } from "../parts/desk/earnings.js";
import { payouts } from "../parts/desk/payouts.js";
import { reviews } from "../parts/desk/reviews.js";

page(
  (view) => {
    fill(
      view,
      h("h1", {}, "Teacher's desk"),
      dashboard(),
      earnings(),
      courses(),
      h("div", { class: "columns columns-even" }, reviews(), payouts()),
    );
  },
  { needs: "teacher" },
);
