import { FindPeople } from "./find-people.tsx";
import { FriendList } from "./friend-list.tsx";
import { IncomingRequests, OutgoingRequests } from "./friend-requests.tsx";

/** Everything about friends: requests, the friends, the search for more. */
export function FriendsPage() {
  return (
    <div className="page">
      <h1>Friends</h1>
      <IncomingRequests />
      <FriendList />
      <FindPeople />
      <OutgoingRequests />
    </div>
  );
}
