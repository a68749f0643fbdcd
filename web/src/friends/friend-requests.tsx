import type { FriendRequest } from "../../../schema/wire/friend.ts";
import { useClient, useStore } from "../app/client-context.tsx";
import { useAction } from "../app/use-action.ts";
import { Friendships } from "../client/friendships.ts";
import { Person } from "../parts/person.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";

/** Open requests to this person. */
export function IncomingRequests() {
  const requests = useStore((state) => state.incoming);
  if (requests.size === 0) return null;
  return (
    <section aria-labelledby="incoming-requests">
      <h2 id="incoming-requests">Requests</h2>
      <ul className="rows">
        {[...requests.values()].map((request) => (
          <IncomingRequest key={request.id} request={request} />
        ))}
      </ul>
    </section>
  );
}

/** Open requests of this person. */
export function OutgoingRequests() {
  const requests = useStore((state) => state.outgoing);
  if (requests.size === 0) return null;
  return (
    <section aria-labelledby="outgoing-requests">
      <h2 id="outgoing-requests">Waiting for an answer</h2>
      <ul className="rows">
        {[...requests.values()].map(({ id, to, note }) => (
          <Person key={id} user={to} note={note} />
        ))}
      </ul>
    </section>
  );
}

function IncomingRequest({ request }: { request: FriendRequest }) {
  const client = useClient();
  const accept = useAction(() => new Friendships(client).accept(request.id));
  const decline = useAction(() => new Friendships(client).decline(request.id));
  const pending = accept.pending || decline.pending;
  return (
    <Person user={request.from} note={request.note}>
      <button type="button" className="primary" disabled={pending} onClick={() => accept.run()}>
        Accept
      </button>
      <button type="button" disabled={pending} onClick={() => decline.run()}>
        Decline
      </button>
      <ProblemNote problem={accept.problem ?? decline.problem} />
    </Person>
  );
}
