import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { png } from "../../lib/media.fixture.ts";
import { launchBrowser } from "../harness/browser.ts";
import { useSystem } from "../harness/use-system.ts";
import { Visitor } from "./visitor.ts";

/** The tests of this file are one scenario: each continues where the one before ended. */
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

test("the registration form shows an error beside the invalid field", async () => {
  const visitor = await Visitor.arrive(browser, system().url, "nobody");
  await visitor.tryToRegister("a", "short");
  await visitor.fieldProblem("Username").getByText("32 characters").waitFor();
  await visitor.fieldProblem("Password").getByText("8 to 128 characters").waitFor();
  await visitor.tryToRegister("ada", "correct horse battery");
  await visitor.fieldProblem("Username").waitFor();
  expect(await visitor.fieldProblem("Password").count()).toBe(0);
  await visitor.leave();
});

test("two new users become friends", async () => {
  await ada.askForFriendship(ben);
  await ben.acceptFriendship();
  await ada.goTo("Friends");
  await ada.row("Your friends", "ben").getByText("Online").waitFor();
  await ben.row("Your friends", "ada").getByText("Online").waitFor();
});

test("both write to each other, and see the messages in the same order", async () => {
  await ada.openChatWith(ben);
  await ben.openChatWith(ada);
  await ada.write("hello ben");
  await ben.message("hello ben").waitFor();
  await ben.write("hello ada");
  await ada.message("hello ada").waitFor();
  await ada.reads(["hello ben", "hello ada"]);
  await ben.reads(["hello ben", "hello ada"]);
});

test("messages are shown after a reload", async () => {
  await ada.page.reload();
  await ada.online();
  await ada.reads(["hello ben", "hello ada"]);
});

test("messages written while a connection is interrupted arrive after it is restored", async () => {
  const killed = system().killWorkers();
  await Promise.all([ada.disconnected(), ben.disconnected()]);
  await ada.write("are you there?");
  await killed;
  await ben.message("are you there?").waitFor({ timeout: 60_000 });
  await ada.message("are you there?").waitFor({ timeout: 60_000 });
});

test("both can write again after the whole system is killed and restarted", async () => {
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

test("both see replies, edits, reactions and recalls", async () => {
  await ben.act("hello ben", "Reply");
  await ben.write("hello again");
  await ada.message("hello again").getByText("hello ben").waitFor();

  await ada.act("are you there?", "Edit");
  await ada.write("are you here?");
  await ben.message("are you here?").getByText("edited").waitFor();

  await ada.act("still here", "React with 👍");
  const reaction = ben.message("still here").getByRole("button", { name: "👍 1" });
  await reaction.click();
  await ada.message("still here").getByRole("button", { name: "👍 2", pressed: true }).click();
  await ben.message("still here").getByRole("button", { name: "👍 1", pressed: true }).waitFor();

  await ada.act("hello ben", "Recall");
  await ada.message("hello ben").getByRole("button", { name: "Really recall?" }).click();
  // In the quote as well.
  await ben.message("hello again").getByText("Message recalled").waitFor();
  await ben.reads(["Message recalled", "hello ada", "are you here?", "still here", "hello again"]);
  expect(await ben.message("hello again").getByText("hello ben").count()).toBe(0);
});

test("an image, and a profile picture, are seen by the other", async () => {
  await ada.pickImage("Image", png({ width: 640, height: 480 }));
  await ben.seesImage(ben.message("").last());
  const shown = await ben.message("").last().locator("img").boundingBox();
  expect(shown).toMatchObject({ width: 320, height: 240 });

  await ada.goTo("Profile");
  await ada.pickImage("Change picture", png({ width: 40, height: 40 }));
  await ada.seesImage(ada.page.getByRole("main"));
  await ben.page.reload();
  await ben.goTo("Friends");
  await ben.seesImage(ben.row("Your friends", "ada"));
});

test("both join a group, write, and see how many members are online", async () => {
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

test("the list of a group's members is updated when a member leaves", async () => {
  await ada.page.getByRole("button", { name: "Members" }).click();
  await ada.member("ben").getByText("Online").waitFor();
  await ben.page.getByRole("button", { name: "Members" }).click();
  await ben.page.getByRole("button", { name: "Leave" }).click();
  await ada.member("ben").waitFor({ state: "detached" });
  expect(await ada.member("ada").count()).toBe(1);
});

test("a friend who closes the page is shown as offline", async () => {
  await ada.goTo("Friends");
  await ada.row("Your friends", "ben").getByText("Online").waitFor();
  await ben.leave();
  await ada.row("Your friends", "ben").getByText("Last seen").waitFor();
  expect(await ada.row("Your friends", "ben").getByText("Online").count()).toBe(0);
});
