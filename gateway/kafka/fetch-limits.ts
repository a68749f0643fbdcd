/** The most that one fetch returns: enough for a drain in one request, little enough to be read and parsed quickly. */
export const FETCH_LIMITS = { items: 2_000, bytes: 4 * 1024 * 1024 };
