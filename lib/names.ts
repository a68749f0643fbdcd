import { fold } from "../schema/wire/text.ts";
import { gramsOf, searchText } from "./search-grams.ts";

/** What is stored of a person's names: written together, so that a search compares what everybody sees. */
export function personNames(username: string, displayName: string) {
  const text = searchText(username, displayName);
  const usernameFolded = fold(username);
  return { username, usernameFolded, displayName, searchText: text, searchGrams: gramsOf(text) };
}

/** What is stored of a group's name. */
export function groupName(name: string) {
  const nameFolded = searchText(name);
  return { name, nameFolded, searchGrams: gramsOf(nameFolded) };
}
