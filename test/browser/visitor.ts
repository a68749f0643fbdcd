import type { Browser, BrowserContext, Locator, Page } from "playwright-core";

/** A user with a separate browser profile, who uses the page as people do. */
export class Visitor {
  readonly name: string;
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.#context = context;
    this.page = page;
  }

  /** Opens the page and registers; returns when the page is online. */
  static async register(browser: Browser, url: string, name: string): Promise<Visitor> {
    const visitor = await Visitor.arrive(browser, url, name);
    await visitor.tryToRegister(name, "correct horse battery");
    await visitor.online();
    return visitor;
  }

  /** Opens the page. */
  static async arrive(browser: Browser, url: string, name: string): Promise<Visitor> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    return new Visitor(name, context, page);
  }

  /** Submits the registration form. */
  async tryToRegister(username: string, password: string): Promise<void> {
    await this.page.getByLabel("Username").fill(username);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Register" }).click();
  }

  /** The error that the page shows for a field. */
  fieldProblem(label: string): Locator {
    const field = this.page.locator(".field").filter({ has: this.page.getByLabel(label) });
    return field.getByRole("alert");
  }

  /** Returns when the page shows that it is connected. */
  async online(): Promise<void> {
    await this.page.locator('[role="status"][data-connection="online"]').waitFor({ timeout: 60_000 });
  }

  /** Returns when the page shows that it is not connected. */
  async disconnected(): Promise<void> {
    await this.page.locator('[role="status"]:not([data-connection="online"])').waitFor({ timeout: 60_000 });
  }

  async goTo(section: "Chats" | "Friends" | "Groups" | "Profile"): Promise<void> {
    await this.page.getByRole("link", { name: section, exact: true }).click();
  }

  async askForFriendship(other: Visitor): Promise<void> {
    await this.goTo("Friends");
    await this.page.getByRole("searchbox", { name: "Find people" }).fill(other.name);
    await this.page.getByRole("button", { name: "Add friend" }).click();
  }

  async acceptFriendship(): Promise<void> {
    await this.goTo("Friends");
    await this.page.getByRole("button", { name: "Accept" }).click();
  }

  /** The row of a friend or a group in the user's list. */
  row(list: "Your friends" | "Your groups", name: string): Locator {
    return this.page.getByRole("region", { name: list }).getByRole("listitem").filter({ hasText: name });
  }

  /** Opens the conversation with a friend. */
  async openChatWith(other: Visitor): Promise<void> {
    await this.goTo("Friends");
    await this.row("Your friends", other.name).getByRole("link").click();
  }

  /** Opens the conversation of a group. */
  async openGroup(name: string): Promise<void> {
    await this.goTo("Groups");
    await this.row("Your groups", name).getByRole("link").click();
  }

  /** Writes into the open conversation. */
  async write(text: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Message" }).fill(text);
    await this.page.getByRole("textbox", { name: "Message" }).press("Enter");
  }

  /** A message of the open conversation, as it is stored. */
  message(text: string): Locator {
    return this.page
      .getByRole("log", { name: "Messages" })
      .locator('[data-message-state="stored"]')
      .filter({ hasText: text });
  }

  /** Presses a button among the actions of the first message with this text. */
  async act(text: string, action: string): Promise<void> {
    const message = this.message(text).first();
    await message.getByRole("button", { name: "Actions" }).click();
    await message.getByRole("button", { name: action }).click();
  }

  /** Picks an image with a button of the page. */
  async pickImage(button: string, image: Uint8Array): Promise<void> {
    const chooser = this.page.waitForEvent("filechooser");
    await this.page.getByRole("button", { name: button }).click();
    await (await chooser).setFiles({ name: "image.png", mimeType: "image/png", buffer: Buffer.from(image) });
  }

  /** Returns when the only image in a part of the page is loaded. */
  async seesImage(part: Locator): Promise<void> {
    const image = part.locator("img");
    await image.waitFor({ timeout: 60_000 });
    await image.evaluate("(element) => element.decode()");
  }

  /** Returns when the open conversation shows exactly these texts, all of them stored, in this order. */
  async reads(texts: string[]): Promise<void> {
    const shown = this.page.getByRole("log", { name: "Messages" }).locator(".message-text");
    await this.message(texts.at(-1) ?? "").waitFor({ timeout: 60_000 });
    const got = await shown.allInnerTexts();
    if (JSON.stringify(got) !== JSON.stringify(texts)) {
      throw new Error(`${this.name} reads ${JSON.stringify(got)}, not ${JSON.stringify(texts)}`);
    }
  }

  /** A member in the panel of the open group. */
  member(name: string): Locator {
    return this.page
      .getByRole("complementary", { name: "Members" })
      .getByRole("listitem")
      .filter({ hasText: name });
  }

  async leave(): Promise<void> {
    await this.#context.close();
  }
}
