/** What is said of a text that Postgres and JSON cannot both hold. */
export const UNSTORABLE = "must be well-formed Unicode without U+0000";

/** Whether a text can be kept as it is: Postgres has no U+0000, and a lone surrogate is no character. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}

/**
 * The form in which names are compared and searched: NFKC and full case folding, so that "ẞ", "ß" and "SS" are one. It
 * is made here only: a fold that the database made would differ by its locale. Folding twice changes nothing.
 */
export function fold(text: string): string {
  // By way of lower case, because "ẞ" has no upper case of its own; a sigma at the end of a word is a sigma.
  const lower = text.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase();
  return lower.replaceAll("ς", "σ").normalize("NFKC");
}
