/** What of a paste this needs. */
type Pasted = { types: readonly string[]; files: Iterable<File> };

/** The image of a paste; undefined when there is none, or when it comes with the text that it is a picture of, as from a table. */
export function pastedImage({ types, files }: Pasted): Blob | undefined {
  if (types.includes("text/plain")) return undefined;
  return [...files].find(({ type }) => type.startsWith("image/"));
}
