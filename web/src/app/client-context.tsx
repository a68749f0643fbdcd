import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from "react";
import type { User } from "../../../schema/wire/user.ts";
import { Client } from "../client/client.ts";
import type { Session } from "../client/session.ts";
import type { State } from "../client/state.ts";

const ClientContext = createContext<Client | null>(null);

/** Runs one person's client while mounted. */
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
  if (client === null) throw new Error("useClient is for components inside a ClientProvider");
  return client;
}

/** A part of the state. The selector must return the same value until the state changes: it picks, it does not build. */
export function useStore<Part>(select: (state: State) => Part): Part {
  const { store } = useClient();
  return useSyncExternalStore(store.subscribe, () => select(store.state()));
}
