import { z } from "zod";
import { UserId } from "./ids.ts";
import { isStorable, UNSTORABLE } from "./text.ts";

/** The fields of a person that anybody may see. */
export const User = z
  .object({ id: UserId, username: z.string(), displayName: z.string(), avatarUrl: z.string().nullable() })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;

/** 2 to 32 letters or digits of any script, `_ . -`; normalised to NFKC before it is checked. */
export const Username = z
  .string()
  .max(256)
  .transform((name) => name.normalize("NFKC"))
  .pipe(
    z
      .string()
      .regex(/^[\p{L}\p{M}\p{N}_.-]+$/u, "may hold letters, digits, _ . and - only")
      .refine((name) => between([...name].length, 2, 32), "must have 2 to 32 characters"),
  );

export const DisplayName = z
  .string()
  .trim()
  .refine((name) => between([...name].length, 1, 64), "must have 1 to 64 characters")
  .refine(isStorable, UNSTORABLE);

/** 8 to 128 characters. */
export const Password = z
  .string()
  .max(512)
  .refine((password) => between([...password].length, 8, 128), "must have 8 to 128 characters");

export const ProfileChange = z
  .strictObject({ username: Username.optional(), displayName: DisplayName.optional() })
  .meta({ id: "ProfileChange" });
export type ProfileChange = z.infer<typeof ProfileChange>;

function between(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
