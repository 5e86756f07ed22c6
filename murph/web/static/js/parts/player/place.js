/** Where somebody stood in a course when they left, kept in this browser. */

const PREFIX = "murph.place.";

/**
 * Return where to go on: the kept place, or the beginning.
 * @param {{id: string, videos: {id: string, status: string}[]}} course
 * @returns {{videoId: string, seconds: number}}
 */
export function placeKept(course) {
  const asked = Number(new URLSearchParams(location.search).get("t"));
  const kept = read(course.id);
  const isThere = course.videos.some(({ id }) => id === kept?.videoId);
  if (isThere && !asked) return kept;
  return { videoId: course.videos[0]?.id ?? "", seconds: asked || 0 };
}

function read(courseId) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + courseId) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} courseId @param {string} videoId @param {number} seconds */
export function keepPlace(courseId, videoId, seconds) {
  localStorage.setItem(PREFIX + courseId, JSON.stringify({ videoId, seconds: Math.floor(seconds) }));
}
