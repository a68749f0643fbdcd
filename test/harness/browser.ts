import { type Browser, chromium as playwright } from "playwright-core";

/**
 * Real Chromium from npm, with the system libraries that it needs, so that a fresh machine can run the tests. The package
 * is made for AWS Lambda: it unpacks its libraries only where it believes to run there, and its arguments are for one
 * page in one process.
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
