/** Making elements. Text is only ever text: nothing here parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an HTML element.
 *
 * Of the properties, `on` holds listeners by event, `data` the data attributes, `vars` custom properties of
 * the style; true and false set or leave out an attribute, and null leaves it out.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...any} children elements and texts, in lists too; null and false are left out
 * @returns {any}
 */
export function h(tag, properties = {}, ...children) {
  return furnish(document.createElement(tag), properties, children);
}

/**
 * Make an SVG element.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...any} children
 * @returns {SVGElement}
 */
export function svg(tag, properties = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), properties, children);
}

/**
 * Return an icon, which says nothing to screen readers: the text beside it does.
 * @param {string} name
 * @param {string} [className]
 * @returns {SVGElement}
 */
export function icon(name, className = "icon") {
  const use = svg("use", { href: `${document.body.dataset.icons}#${name}` });
  return svg("svg", { class: className, viewBox: "0 0 24 24", "aria-hidden": "true" }, use);
}

/**
 * Put new children in the place of the old ones.
 * @param {Element} parent
 * @param {...any} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren(...flat(children));
}

/**
 * Return a text that only screen readers have.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function unseen(text) {
  return h("span", { class: "visually-hidden" }, text);
}

function furnish(element, { on = {}, data = {}, vars = {}, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  for (const [name, value] of Object.entries(data)) element.dataset[name] = value;
  for (const [name, value] of Object.entries(vars)) element.style.setProperty(name, value);
  element.append(...flat(children));
  return element;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}
