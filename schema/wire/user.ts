import { z } from "zod";
import { UserId } from "./ids.ts";
import { isStorable, UNSTORABLE } from "./text.ts";

/**
 * The fields of a person that anybody may see. `about` is there when it is not empty. Of a deleted account `deleted` is
 * true, the display name is empty, and the user name says nothing.
 */
export const User = z
  .object({
    id: UserId,
    username: z.string(),
    displayName: z.string(),
    avatarUrl: z.string().nullable(),
    about: z.string().optional(),
    deleted: z.literal(true).optional(),
  })
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

/** Up to 200 characters; empty for nothing. */
const About = z
  .string()
  .trim()
  .refine((about) => between([...about].length, 0, 200), "must have at most 200 characters")
  .refine(isStorable, UNSTORABLE);

/** Who may know when a person was last seen: their friends, or nobody. */
export const LastSeen = z.enum(["friends", "nobody"]);
export type LastSeen = z.infer<typeof LastSeen>;

/** The caller: what anybody may see, and the caller's own settings. */
export const Me = User.extend({ lastSeen: LastSeen }).meta({ id: "Me" });
export type Me = z.infer<typeof Me>;

/** 8 to 128 characters. */
export const Password = z
  .string()
  .max(512)
  .refine((password) => between([...password].length, 8, 128), "must have 8 to 128 characters");

export const ProfileChange = z
  .strictObject({
    username: Username.optional(),
    displayName: DisplayName.optional(),
    about: About.optional(),
    lastSeen: LastSeen.optional(),
  })
  .meta({ id: "ProfileChange" });
export type ProfileChange = z.infer<typeof ProfileChange>;

function between(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
