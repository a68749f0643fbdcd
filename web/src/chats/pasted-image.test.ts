import { expect, it } from "vitest";
import { pastedImage } from "./pasted-image.ts";

const picture = new File(["x"], "picture.png", { type: "image/png" });
const notes = new File(["x"], "notes.pdf", { type: "application/pdf" });

/** A paste with these files. */
function paste(types: string[], ...files: File[]) {
  return { types, files };
}

it("is the first image of a paste", () => {
  expect(pastedImage(paste(["Files"], notes, picture))).toBe(picture);
  expect(pastedImage(paste(["Files"], notes))).toBeUndefined();
});

it("is none where there is text as well", () => {
  expect(pastedImage(paste(["text/plain", "Files"], picture))).toBeUndefined();
});
