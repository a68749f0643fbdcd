import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from "react";
import type { User } from "../../../schema/wire/user.ts";
import { Client } from "../client/client.ts";
import type { Session } from "../client/session.ts";
import type { State } from "../client/state.ts";

const ClientContext = createContext<Client | null>(null);

/** Runs one person's client for as long as it is on the screen. */
export function ClientProvider(props: { session: Session; me: User; children: ReactNode }) {
  const [client] = useState(() => new Client(props.session, props.me, localStorage));
  useEffect(() => {
    const wake = () => {
      if (document.visibilityState === "visible") client.wake();
    };
    client.start();
    addEventListener("online", wake);
    addEventListener("offline", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      removeEventListener("online", wake);
      removeEventListener("offline", wake);
      document.removeEventListener("visibilitychange", wake);
      client.stop();
    };
  }, [client]);
  return <ClientContext value={client}>{props.children}</ClientContext>;
}

/** The signed-in person's client. */
export function useClient(): Client {
  const client = use(ClientContext);
  if (client === null) throw new Error("useClient is for what stands inside a ClientProvider");
  return client;
}

/** A part of the state. The selector picks, it does not build: what it returns must be the same between changes. */
export function useStore<Part>(select: (state: State) => Part): Part {
  const { store } = useClient();
  return useSyncExternalStore(store.subscribe, () => select(store.state()));
}
