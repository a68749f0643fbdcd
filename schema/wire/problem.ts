import { z } from "zod";

/**
 * Every error that a client can get, by its stable code: its HTTP status and its title. To add an error, add a line
 * here.
 */
export const PROBLEMS = {
  invalid_request: { status: 400, title: "The request is not valid" },
  invalid_json: { status: 400, title: "The body is not valid JSON" },
  bad_image: { status: 400, title: "The image is broken or too large" },
  bad_voice: { status: 400, title: "The recording is broken or too long" },
  unauthenticated: { status: 401, title: "No valid access token" },
  bad_credentials: { status: 401, title: "Unknown user name or wrong password" },
  invalid_refresh_token: { status: 401, title: "The refresh token is not valid" },
  invalid_ticket: { status: 401, title: "The ticket is not valid" },
  not_friends: { status: 403, title: "Only friends may write to each other" },
  muted: { status: 403, title: "You are muted in this group" },
  not_allowed: { status: 403, title: "Not allowed" },
  origin_not_allowed: { status: 403, title: "This origin is not allowed" },
  not_found: { status: 404, title: "Not found" },
  user_not_found: { status: 404, title: "No such user" },
  group_not_found: { status: 404, title: "No such group" },
  conversation_not_found: { status: 404, title: "No such conversation" },
  friend_not_found: { status: 404, title: "No such friend" },
  friend_request_not_found: { status: 404, title: "No such friend request" },
  session_not_found: { status: 404, title: "No such session" },
  message_not_found: { status: 404, title: "No such message" },
  media_not_found: { status: 404, title: "No such media" },
  join_request_not_found: { status: 404, title: "No such request to join" },
  invite_not_found: { status: 404, title: "No such invite" },
  member_not_found: { status: 404, title: "No such member" },
  method_not_allowed: { status: 405, title: "This method is not allowed here" },
  username_taken: { status: 409, title: "The user name is taken" },
  already_friends: { status: 409, title: "Already friends" },
  self_request: { status: 409, title: "You cannot send yourself a friend request" },
  self_block: { status: 409, title: "You cannot block yourself" },
  too_many_invites: { status: 409, title: "The group has too many invites" },
  too_late: { status: 409, title: "It is too late for that" },
  already_requested: { status: 409, title: "The friend request is already sent" },
  too_many_reactions: { status: 409, title: "The message has too many different reactions" },
  too_many_pins: { status: 409, title: "The conversation has too many pinned messages" },
  payload_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "This media type is not supported" },
  range_not_satisfiable: { status: 416, title: "The range begins behind the end" },
  upgrade_required: { status: 426, title: "This path accepts WebSocket upgrades only" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal_error: { status: 500, title: "Something went wrong" },
  unavailable: { status: 503, title: "The service is unavailable" },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

const codes = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

/** The body of every error: `application/problem+json` (RFC 9457). */
export const ProblemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(codes),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });
export type ProblemDocument = z.infer<typeof ProblemDocument>;
