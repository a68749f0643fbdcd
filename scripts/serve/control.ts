import { request } from "node:http";

/** Sends a request to the control socket of a process of serve. Throws when it fails, or takes longer than `ms`. */
export function callControl(socketPath: string, path: string, ms: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { socketPath, path, method: "POST", signal: AbortSignal.timeout(ms), agent: false };
    const sent = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("error", reject);
      response.once("end", () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${path} returned ${response.statusCode} ${text}`));
      });
    });
    sent.once("error", reject);
    sent.end();
  });
}

/** Whether a process of serve takes requests. */
export async function isRunning(socketPath: string): Promise<boolean> {
  try {
    await callControl(socketPath, "/health", 2_000);
    return true;
  } catch {
    // It does not listen yet, or not any more.
    return false;
  }
}

/** Runs task's cron once. */
export async function callServeCron(socketPath: string): Promise<void> {
  await callControl(socketPath, "/cron", 60_000);
}
