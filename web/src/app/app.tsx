import { useSyncExternalStore } from "react";
import type { Session } from "../client/session.ts";
import { Entrance } from "../entrance/entrance.tsx";
import { ClientProvider } from "./client-context.tsx";
import { Shell } from "./shell.tsx";

/** The whole client: log in and register, or the shell of the signed-in person. */
export function App({ session }: { session: Session }) {
  const user = useSyncExternalStore(session.subscribe, session.user);
  if (user === null) return <Entrance session={session} />;
  return (
    <ClientProvider key={user.id} session={session} me={user}>
      <Shell />
    </ClientProvider>
  );
}
