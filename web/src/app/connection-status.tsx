import type { Connection } from "../client/state.ts";
import { useStore } from "./client-context.tsx";

const TEXTS: Record<Connection, string> = {
  online: "Online",
  connecting: "Connecting…",
  offline: "Offline",
  stopped: "Offline. Reload the page",
};

/** Whether messages arrive at the moment. */
export function ConnectionStatus() {
  const connection = useStore((state) => state.connection);
  return (
    <p
      role="status"
      className="connection"
      data-connection={connection === "stopped" ? "offline" : connection}
    >
      {TEXTS[connection]}
    </p>
  );
}
