import { useEffect, useMemo } from "react";
import { ChatsPage } from "../chats/chats-page.tsx";
import { unread } from "../client/conversation-state.ts";
import { FriendsPage } from "../friends/friends-page.tsx";
import { GroupsPage } from "../groups/groups-page.tsx";
import { ProfilePage } from "../profile/profile-page.tsx";
import { useStore } from "./client-context.tsx";
import { ConnectionStatus } from "./connection-status.tsx";
import { Navigation } from "./navigation.tsx";
import { type Route, useRoute } from "./route.ts";

/** The frame around every page: navigation, connection, and the page that the address names. */
export function Shell() {
  const route = useRoute();
  const conversations = useStore((state) => state.conversations);
  const loaded = useStore((state) => state.loaded);
  const requests = useStore((state) => state.incoming.size);
  const unreadMessages = useMemo(
    () => [...conversations.values()].reduce((sum, conversation) => sum + unread(conversation), 0),
    [conversations],
  );
  useEffect(() => {
    document.title = unreadMessages > 0 ? `(${unreadMessages}) Edge IM` : "Edge IM";
  }, [unreadMessages]);
  // On a phone an open conversation fills the screen; one that is gone must not, or nothing leads back to the list.
  const isOpen = route.conversation !== null && (!loaded || conversations.has(route.conversation));
  return (
    <div className="shell" data-open={isOpen}>
      <header className="shell-header">
        <span className="brand">Edge IM</span>
        <ConnectionStatus />
      </header>
      <Navigation section={route.section} badges={{ chats: unreadMessages, friends: requests }} />
      <main className="shell-main">
        <Page route={route} />
      </main>
    </div>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.section) {
    case "chats":
      return <ChatsPage open={route.conversation} />;
    case "friends":
      return <FriendsPage />;
    case "groups":
      return <GroupsPage invite={route.invite} />;
    case "profile":
      return <ProfilePage />;
  }
}
