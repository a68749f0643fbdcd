/** The longest side of a picture in a conversation, in CSS pixels: that of the server's smaller pictures. */
const LONGEST = 320;

type Size = { width: number; height: number };

/** How large to show a picture: in its own proportions, and never larger than it is. Known before it is loaded, so that nothing moves. */
export function pictureSize({ width, height }: Size): Size {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
