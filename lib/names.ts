import { fold } from "../schema/wire/text.ts";
import { gramsOf, searchText } from "./search-grams.ts";

/** All columns that depend on a person's names. Always written together, so that searches match the visible names. */
export function personNames(username: string, displayName: string) {
  const text = searchText(username, displayName);
  const usernameFolded = fold(username);
  return { username, usernameFolded, displayName, searchText: text, searchGrams: gramsOf(text) };
}

/** All columns that depend on a group's name. */
export function groupName(name: string) {
  const nameFolded = searchText(name);
  return { name, nameFolded, searchGrams: gramsOf(nameFolded) };
}
