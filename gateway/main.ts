import { ConfigError, type GatewayConfig, readConfig } from "./config.ts";
import { startGateway } from "./gateway.ts";
import { faultFields, log } from "./logger.ts";
import { StartError } from "./start-error.ts";

const EXIT_FAILED = 1;
const EXIT_BAD_CONFIG = 2;

const config = configOrExit();
try {
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
} catch (error) {
  // An error that the user can fix is reported as a sentence; any other error is a fault, logged with its stack.
  if (error instanceof StartError) console.error(error.message);
  else log("error", "gateway failed to start", faultFields(error));
  process.exit(EXIT_FAILED);
}

function configOrExit(): GatewayConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(EXIT_BAD_CONFIG);
  }
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
