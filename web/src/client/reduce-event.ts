import { groupConversation } from "../../../schema/wire/conversation-id.ts";
import type { Friend } from "../../../schema/wire/friend.ts";
import type { ClientId, GroupId, UserId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import { withGroup, withMessage, withRead, withUpdate } from "./conversation-state.ts";
import type { SocketEvent } from "./frame.ts";
import { put, without } from "./maps.ts";
import type { State } from "./state.ts";
import { updateConversation, withConversation, withoutStored, withPeople } from "./state-updates.ts";
import { addHidden, addPushed } from "./timeline.ts";

/** The state after an event of the server. */
export function reduceEvent(state: State, event: SocketEvent): State {
  switch (event.ev) {
    case "message":
      return withPushed(state, event.message);
    case "accepted":
      return withAccepted(state, event.clientId);
    case "read":
      if (event.userId !== state.me.id) return state;
      return updateConversation(state, event.conversation, (held) => withRead(held, event.seq));
    case "presence": {
      const friend = state.friends.get(event.userId);
      if (friend === undefined) return state;
      const { online, lastSeenAt } = event;
      return { ...state, friends: put(state.friends, event.userId, { ...friend, online, lastSeenAt }) };
    }
    case "conversation.updated": {
      const { conversation } = event;
      const next = withConversation(state, conversation.id, (held) => withUpdate(held, conversation));
      return withPeople(next, conversation.peer === undefined ? [] : [conversation.peer]);
    }
    case "message.hidden":
      return updateConversation(state, event.conversation, (held) => ({
        ...held,
        timeline: addHidden(held.timeline, [event.messageId]),
      }));
    case "friend.requested":
      return withPeople({ ...state, incoming: put(state.incoming, event.request.id, event.request) }, [
        event.request.from,
      ]);
    case "friend.added":
      return withFriend(state, event.friend);
    case "friend.removed":
      return { ...state, friends: without(state.friends, event.userId) };
    case "group.joined":
      return withConversation(state, event.group.conversation, (held) => withGroup(held, event.group));
    case "group.updated":
      return updateConversation(state, event.group.conversation, (held) => withGroup(held, event.group));
    case "group.online":
      return withOnlineCount(state, event.groupId, event.count);
    case "group.left":
      return { ...state, conversations: without(state.conversations, groupConversation(event.groupId)) };
    // Not state: the client passes them on to the outbox and the sync.
    case "rejected":
    case "ready":
    case "error":
    // Not shown yet.
    case "typing":
      return state;
  }
}

function withPushed(state: State, message: Message): State {
  const mine = message.senderId === state.me.id;
  const next = withConversation(state, message.conversation, (held) => ({
    ...withMessage(held, message, mine),
    timeline: addPushed(held.timeline, message),
  }));
  return withoutStored(next, [message]);
}

/** An accepted message is shown until it comes back as a stored one; a change is seen on the message that it changes. */
function withAccepted(state: State, clientId: ClientId): State {
  const outgoing = state.unsent.get(clientId);
  if (outgoing === undefined) return state;
  if (outgoing.operation.op !== "send") return { ...state, unsent: without(state.unsent, clientId) };
  return { ...state, unsent: put(state.unsent, clientId, { ...outgoing, state: "accepted" }) };
}

/** A friendship closes every open request between the two. */
function withFriend(state: State, friend: Friend): State {
  const { user, conversation } = friend;
  const asked = [...state.incoming.values()].filter(({ from }) => from.id === user.id);
  const asking = [...state.outgoing.values()].filter(({ to }) => to.id === user.id);
  const next = {
    ...state,
    friends: put<UserId, Friend>(state.friends, user.id, friend),
    incoming: without(state.incoming, ...asked.map(({ id }) => id)),
    outgoing: without(state.outgoing, ...asking.map(({ id }) => id)),
  };
  return withConversation(withPeople(next, [user]), conversation, (held) => ({ ...held, peer: user }));
}

function withOnlineCount(state: State, id: GroupId, onlineCount: number): State {
  return updateConversation(state, groupConversation(id), (held) => ({
    ...held,
    group: held.group === null ? null : { ...held.group, onlineCount },
  }));
}
