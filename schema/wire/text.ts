/** The error message for a text that is not storable. */
export const UNSTORABLE = "must be well-formed Unicode without U+0000";

/** Whether a text can be stored unchanged: Postgres cannot store U+0000, and UTF-8 cannot encode lone surrogates. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}

/**
 * The form in which names are compared and searched: NFKC and full case folding, so that "ẞ", "ß" and "SS" are equal.
 * Only this function folds: the database would fold by its locale. Folding twice changes nothing.
 */
export function fold(text: string): string {
  // Lower case first, because the upper case of "ẞ" is "ẞ", but that of "ß" is "SS". Final sigma counts as sigma.
  const lower = text.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase();
  return lower.replaceAll("ς", "σ").normalize("NFKC");
}
