/** Sending a file and seeing how far it is, which fetch cannot tell. */
import { Unreachable, address, refusal } from "./http.js";
import { accessToken } from "./session.js";

/**
 * Send a form with a file; `onProgress` is told the part that has left, from 0 to 1.
 * @param {string} path below /api/v1
 * @param {FormData} form its file last: what is wrong with the rest is then known before the file is sent
 * @param {(part: number) => void} onProgress
 * @returns {Promise<any>}
 */
export async function upload(path, form, onProgress) {
  const token = await accessToken();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address(path));
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => onProgress(event.lengthComputable ? event.loaded / event.total : 0);
    request.onerror = () => reject(new Unreachable());
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(refusal(request.status, request.responseText));
    };
    request.send(form);
  });
}
