/** Asking once more before something is gone. */
import { h } from "../core/dom.js";
import { dialog } from "./dialog.js";
import { form } from "./form.js";

/**
 * Ask, and do it once that is confirmed; a refusal stands in the question.
 * @param {object} question
 * @param {string} question.title
 * @param {string} question.words what will be different
 * @param {string} question.button
 * @param {() => Promise<any>} question.act
 * @param {() => any} question.done is called when it is done and the question is gone
 */
export function sure({ title, words, button, act, done }) {
  const submit = async () => {
    await act();
    close();
    await done();
  };
  const { close } = dialog(title, [h("p", {}, words), form({ fields: [], button, submit })]);
}
