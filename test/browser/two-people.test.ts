import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../harness/browser.ts";
import { useSystem } from "../harness/use-system.ts";
import { Visitor } from "./visitor.ts";

/** The tests of this file are one story: each goes on where the one before ended. */
const system = useSystem({ env: { GRACE_SECONDS: "1", PASSWORD_COST: "1024" } });

let browser: Browser;
let ada: Visitor;
let ben: Visitor;

beforeAll(async () => {
  browser = await launchBrowser();
  ada = await Visitor.register(browser, system().url, "ada");
  ben = await Visitor.register(browser, system().url, "ben");
});

afterAll(async () => {
  await browser?.close();
});

test("what is wrong with a new account is shown beside its field", async () => {
  const visitor = await Visitor.arrive(browser, system().url, "nobody");
  await visitor.tryToRegister("a", "short");
  await visitor.fieldProblem("Username").getByText("32 characters").waitFor();
  await visitor.fieldProblem("Password").getByText("8 to 128 characters").waitFor();
  await visitor.tryToRegister("ada", "correct horse battery");
  await visitor.fieldProblem("Username").waitFor();
  expect(await visitor.fieldProblem("Password").count()).toBe(0);
  await visitor.leave();
});

test("two people who registered a minute ago become friends", async () => {
  await ada.askForFriendship(ben);
  await ben.acceptFriendship();
  await ada.goTo("Friends");
  await ada.row("Your friends", "ben").getByText("Online").waitFor();
  await ben.row("Your friends", "ada").getByText("Online").waitFor();
});

test("they write to each other, and each sees what is written in one order", async () => {
  await ada.openChatWith(ben);
  await ben.openChatWith(ada);
  await ada.write("hello ben");
  await ben.message("hello ben").waitFor();
  await ben.write("hello ada");
  await ada.message("hello ada").waitFor();
  await ada.reads(["hello ben", "hello ada"]);
  await ben.reads(["hello ben", "hello ada"]);
});

test("what was written is there after a reload", async () => {
  await ada.page.reload();
  await ada.online();
  await ada.reads(["hello ben", "hello ada"]);
});

test("what is written while the connection is killed arrives when it is back", async () => {
  const killed = system().killWorkers();
  await Promise.all([ada.disconnected(), ben.disconnected()]);
  await ada.write("are you there?");
  await killed;
  await ben.message("are you there?").waitFor({ timeout: 60_000 });
  await ada.message("are you there?").waitFor({ timeout: 60_000 });
});

test("everything goes on after the whole system was killed and started again", async () => {
  await system().kill();
  await Promise.all([ada.disconnected(), ben.disconnected()]);
  await ben.write("still here");
  await system().start();
  await Promise.all([ada.online(), ben.online()]);
  await ada.message("still here").waitFor({ timeout: 60_000 });
  const all = ["hello ben", "hello ada", "are you there?", "still here"];
  await ada.reads(all);
  await ben.reads(all);
});

test("they meet in a group, write and see who is there", async () => {
  await ada.goTo("Groups");
  await ada.page.getByLabel("Group name").fill("gardeners");
  await ada.page.getByRole("button", { name: "Create group" }).click();
  await ben.goTo("Groups");
  await ben.page.getByRole("searchbox", { name: "Find groups" }).fill("garden");
  await ben.page.getByRole("button", { name: "Join" }).click();
  // Joining opens the group's conversation.
  await ben.page.getByRole("region", { name: "gardeners" }).getByText("2 online").waitFor();
  await ada.openGroup("gardeners");
  await ben.openGroup("gardeners");
  await ben.write("roses?");
  await ada.message("roses?").waitFor();
  await ada.write("tulips");
  await ben.reads(["roses?", "tulips"]);
});

test("the members of a group are shown, and follow who leaves", async () => {
  await ada.page.getByRole("button", { name: "Members" }).click();
  await ada.member("ben").getByText("Online").waitFor();
  await ben.page.getByRole("button", { name: "Members" }).click();
  await ben.page.getByRole("button", { name: "Leave" }).click();
  await ada.member("ben").waitFor({ state: "detached" });
  expect(await ada.member("ada").count()).toBe(1);
});

test("a friend who leaves is seen to be gone", async () => {
  await ada.goTo("Friends");
  await ada.row("Your friends", "ben").getByText("Online").waitFor();
  await ben.leave();
  await ada.row("Your friends", "ben").getByText("Last seen").waitFor();
  expect(await ada.row("Your friends", "ben").getByText("Online").count()).toBe(0);
});
