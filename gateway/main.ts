import { helpText, type Order, readOrder, UsageError } from "./command-line.ts";
import { ConfigError, type GatewayConfig, readConfig } from "./config.ts";
import { startGateway } from "./gateway.ts";
import { askHealth } from "./health-question.ts";
import { faultFields, log } from "./logger.ts";
import { writeNewSettings } from "./new-settings.ts";
import manifest from "./package.json" with { type: "json" };
import { StartError } from "./start-error.ts";

const EXIT_FAILED = 1;
const EXIT_BAD_CONFIG = 2;

try {
  await run(readOrder(process.argv.slice(2)));
} catch (error) {
  // An error that the user can fix is reported as a sentence; any other error is a fault, logged with its stack.
  const isBadConfig = error instanceof ConfigError || error instanceof UsageError;
  if (isBadConfig || error instanceof StartError) console.error(error.message);
  else log("error", "gateway failed to start", faultFields(error));
  process.exit(isBadConfig ? EXIT_BAD_CONFIG : EXIT_FAILED);
}

async function run(order: Order): Promise<void> {
  switch (order.kind) {
    case "serve":
      return await serve(configOf(order.settingsFile));
    case "health": {
      const { healthy, text } = await askHealth(configOf(order.settingsFile));
      console.log(text);
      process.exitCode = healthy ? 0 : EXIT_FAILED;
      return;
    }
    case "init":
      await writeNewSettings(order.file);
      return console.log(`${order.file} has new secrets`);
    case "help":
      return console.log(helpText());
    case "version":
      return console.log(manifest.version);
  }
}

function configOf(settingsFile: string | undefined): GatewayConfig {
  if (settingsFile !== undefined) {
    try {
      process.loadEnvFile(settingsFile);
    } catch {
      throw new ConfigError(`--settings: ${settingsFile} cannot be read`);
    }
  }
  return readConfig(process.env);
}

async function serve(config: GatewayConfig): Promise<void> {
  const gateway = await startGateway(config);
  log("info", "gateway listening", { url: gateway.url });
  const stop = once(async (signal: string) => {
    log("info", "gateway stopping", { signal });
    await gateway.close();
    log("info", "gateway stopped");
    process.exit(0);
  });
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function once(action: (signal: string) => Promise<void>): (signal: string) => void {
  let begun = false;
  return (signal) => {
    if (begun) return;
    begun = true;
    action(signal).catch((error: unknown) => {
      log("error", "gateway failed to stop", faultFields(error));
      process.exit(EXIT_FAILED);
    });
  };
}
