import type { Connection } from "../client/state.ts";
import { useStore } from "./client-context.tsx";

const TEXTS: Record<Connection, string> = {
  online: "Online",
  connecting: "Connecting…",
  offline: "Offline",
  stopped: "Offline. Reload the page",
  replaced: "Too many open windows. Reload the page to go on in this one",
};

/** What of it the styles distinguish. */
const KINDS: Record<Connection, "online" | "connecting" | "offline"> = {
  online: "online",
  connecting: "connecting",
  offline: "offline",
  stopped: "offline",
  replaced: "offline",
};

/** Whether messages arrive now. */
export function ConnectionStatus() {
  const connection = useStore((state) => state.connection);
  return (
    <p role="status" className="connection" data-connection={KINDS[connection]}>
      {TEXTS[connection]}
    </p>
  );
}
