/** Where to go once somebody has signed in. */

/**
 * Return the page that was asked for before the sign-in, or the one where such an account begins.
 * @param {{user_type: string}} user
 * @returns {string}
 */
export function afterwards(user) {
  const next = new URLSearchParams(location.search).get("next") ?? "";
  // Only an address of this server: "//evil.example.org" and "\\evil" are none.
  const isOurs = /^\/(?![/\\])/.test(next) && new URL(next, location.origin).origin === location.origin;
  if (isOurs) return next;
  return user.user_type === "teacher" ? "/teach" : "/";
}
