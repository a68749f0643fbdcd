import { type Browser, chromium as playwright } from "playwright-core";

/**
 * Chromium from npm, with the system libraries that it needs, so that the tests run on a fresh machine. The package is made
 * for AWS Lambda: it unpacks its libraries only when the environment looks like Lambda's, and its default arguments are for
 * one page in one process.
 */
export async function launchBrowser(): Promise<Browser> {
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
  const { default: chromium } = await import("@sparticuz/chromium");
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((argument) => !UNWANTED.includes(argument)),
    headless: true,
  });
}

const UNWANTED = ["--single-process", "--no-zygote"];
