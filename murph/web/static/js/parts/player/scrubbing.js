/** Small pictures above the position bar: what stands at the moment that one points at. */
import { h, svg } from "../../core/dom.js";
import { clock } from "../../core/format.js";

/**
 * Return the picture that follows a pointer, or the thumb, along the bar.
 * @param {HTMLInputElement} bar
 * @param {() => any} screen the screen of the moment
 * @returns {HTMLElement}
 */
export function scrubbing(bar, screen) {
  const sheet = svg("image");
  const part = svg("svg", {}, sheet);
  const when = h("span", { class: "figure" });
  const bubble = h("div", { class: "scrub", hidden: true, "aria-hidden": "true" }, part, when);
  const show = (share) => {
    const seconds = Math.min(1, Math.max(0, share)) * screen().length;
    const picture = screen().pictureAt?.(seconds);
    bubble.hidden = !picture;
    if (!picture) return;
    const { address, x, y, width, height } = picture;
    if (sheet.getAttribute("href") !== address) sheet.setAttribute("href", address);
    for (const [name, value] of Object.entries({ viewBox: `${x} ${y} ${width} ${height}`, width, height }))
      part.setAttribute(name, String(value));
    when.textContent = clock(seconds);
    bubble.style.setProperty("--part", String(share));
  };
  bar.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = bar.getBoundingClientRect();
    show((clientX - left) / width);
  });
  bar.addEventListener("input", () => show(Number(bar.value) / Number(bar.max)));
  for (const event of ["pointerleave", "change", "blur"]) bar.addEventListener(event, () => (bubble.hidden = true));
  return bubble;
}
