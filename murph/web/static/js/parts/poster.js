/** The picture of a course: its own poster, or one that is drawn. Pictures of other hosts are not loaded. */
import { h, svg } from "../core/dom.js";
import { initials } from "../core/format.js";

const HUES = {
  Programming: 205,
  "Data Science": 262,
  Design: 330,
  Business: 222,
  Marketing: 18,
  Languages: 288,
  Mathematics: 168,
  Science: 145,
  Music: 350,
  "Personal Development": 36,
};
const RINGS = 3;

/**
 * Return the picture of a course.
 * @param {{id: string, title: string, category_name: string, thumbnail_url?: string | null, videos?: {poster_url: string | null}[]}} course
 * @returns {Element}
 */
export function poster(course) {
  const own = [course.thumbnail_url, ...(course.videos ?? []).map((video) => video.poster_url)].find(isOurs);
  if (!own) return drawn(course);
  const picture = h("img", { class: "poster", src: own, alt: "", loading: "lazy", width: 640, height: 360 });
  picture.addEventListener("error", () => picture.replaceWith(drawn(course)), { once: true });
  return picture;
}

function isOurs(url) {
  return Boolean(url) && new URL(url, location.href).origin === location.origin;
}

function drawn(course) {
  const numbers = [...course.id.replaceAll("-", "").slice(-12)].map((digit) => parseInt(digit, 16) / 15);
  const hue = HUES[course.category_name] ?? 168;
  return svg(
    "svg",
    {
      class: "poster poster-drawn",
      viewBox: "0 0 320 180",
      "aria-hidden": "true",
      preserveAspectRatio: "xMidYMid slice",
      vars: { "--hue": hue },
    },
    Array.from({ length: RINGS }, (_, index) => ring(numbers.slice(index * 4))),
    svg("text", { class: "initials", x: 22, y: 136 }, initials(course.title)),
    svg("text", { class: "category", x: 24, y: 160 }, course.category_name),
  );
}

/** A ring that is partly run through, as a meter is. */
function ring([a, b, c, d]) {
  const [x, y, radius] = [150 + a * 170, b * 150, 26 + c * 62];
  const round = 2 * Math.PI * radius;
  const options = { class: "ring", cx: x, cy: y, r: radius };
  const faint = svg("circle", { ...options, "stroke-width": 7, opacity: 0.35 });
  const part = svg("circle", {
    ...options,
    "stroke-width": 7,
    "stroke-linecap": "round",
    "stroke-dasharray": `${round * (0.2 + d * 0.5)} ${round}`,
    transform: `rotate(-90 ${x} ${y})`,
  });
  return [faint, part];
}
