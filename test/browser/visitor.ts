import type { Browser, BrowserContext, Locator, Page } from "playwright-core";

/** A person with a browser of their own, who does what people do. */
export class Visitor {
  readonly name: string;
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.#context = context;
    this.page = page;
  }

  /** Opens the page and registers; answers when the socket stands. */
  static async register(browser: Browser, url: string, name: string): Promise<Visitor> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    await page.getByLabel("Username").fill(name);
    await page.getByLabel("Password").fill("correct horse battery");
    await page.getByRole("button", { name: "Register" }).click();
    const visitor = new Visitor(name, context, page);
    await visitor.online();
    return visitor;
  }

  /** Answers when the page says that messages arrive. */
  async online(): Promise<void> {
    await this.page.locator('[role="status"][data-connection="online"]').waitFor({ timeout: 60_000 });
  }

  /** Answers when the page has noticed that no messages arrive. */
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

  /** The row of a friend or a group among one's own. */
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

  /** Answers when the open conversation shows exactly these texts, all of them stored, in this order. */
  async reads(texts: string[]): Promise<void> {
    const shown = this.page.getByRole("log", { name: "Messages" }).locator(".message-text");
    await this.message(texts.at(-1) ?? "").waitFor({ timeout: 60_000 });
    const got = await shown.allInnerTexts();
    if (JSON.stringify(got) !== JSON.stringify(texts)) {
      throw new Error(`${this.name} reads ${JSON.stringify(got)}, not ${JSON.stringify(texts)}`);
    }
  }

  async leave(): Promise<void> {
    await this.#context.close();
  }
}
