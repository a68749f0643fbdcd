import { z } from "zod";
import { wireTimestamp } from "../lib/database.ts";
import { userJson } from "../lib/views/user.ts";
import type { Fact } from "../schema/internal/fact.ts";
import { User } from "../schema/wire/user.ts";
import { type FactKind, person } from "./kind.ts";

type Request = Extract<Fact, { kind: "friendRequest" }>;

const Seen = z.object({ from: User, to: User, note: z.string().nullable(), created_at: z.unknown() });

const LOOK = `
  SELECT asked.place - 1 AS place, requests.note, requests.created_at,
         ${userJson("askers")} AS "from", ${userJson("asked_people")} AS "to"
    FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, place)
    JOIN friend_requests AS requests ON requests.id = asked.id
    JOIN users AS askers ON askers.id = requests.from_id
    JOIN users AS asked_people ON asked_people.id = requests.to_id`;

/** Somebody asks for a friendship; a request that has been closed meanwhile is not mentioned. */
export const friendRequest: FactKind<Request> = {
  online: () => ({}),

  apply: (run) => ({ text: LOOK, values: [run.map(({ fact }) => fact.requestId)] }),

  push({ fact: { requestId, toId } }, row) {
    if (row === undefined) return [];
    const { from, to, note, created_at } = Seen.parse(row);
    const request = { id: requestId, from, to, note, createdAt: wireTimestamp(created_at) };
    return [{ to: person(toId), event: { ev: "friend.requested", request } }];
  },
};
