import { CALLERS, type Caller } from "./world.ts";

/** What everybody gets for a route or an operation. */
export type Row = { name: string; expected: Record<Caller, number> };

/**
 * The status that everybody gets for every route, for a group whose joining needs approval. In the order of `CALLERS`:
 * nobody, stranger, blocked, friend, member, muted, admin, owner.
 */
export const ROUTE_ROWS = rows(`
  POST /auth/login                                              401  401  401  401  401  401  401  401
  POST /auth/logout                                             401  204  204  204  204  204  204  204
  POST /auth/refresh                                            401  200  200  200  200  200  200  200
  POST /auth/register                                           201  201  201  201  201  201  201  201
  DELETE /auth/sessions                                         401  204  204  204  204  204  204  204
  GET /auth/sessions                                            401  200  200  200  200  200  200  200
  DELETE /auth/sessions/{sessionId}                             401  404  404  404  404  404  404  204
  GET /users                                                    401  200  200  200  200  200  200  200
  DELETE /users/me                                              401  204  204  204  204  204  204  204
  GET /users/me                                                 401  200  200  200  200  200  200  200
  PATCH /users/me                                               401  200  200  200  200  200  200  200
  DELETE /users/me/avatar                                       401  204  204  204  204  204  204  204
  PUT /users/me/avatar                                          401  200  200  200  200  200  200  200
  GET /users/me/export                                          401  200  200  200  200  200  200  200
  PUT /users/me/password                                        401  204  204  204  204  204  204  204
  GET /users/{userId}                                           401  200  200  200  200  200  200  200
  GET /friends                                                  401  200  200  200  200  200  200  200
  GET /friends/requests                                         401  200  200  200  200  200  200  200
  POST /friends/requests                                        401  201  403  409  201  201  201  409
  POST /friends/requests/{requestId}/accept                     401  404  404  404  404  404  404  200
  POST /friends/requests/{requestId}/decline                    401  404  404  404  404  404  404  204
  DELETE /friends/{userId}                                      401  404  404  204  404  404  404  404
  GET /blocks                                                   401  200  200  200  200  200  200  200
  DELETE /blocks/{userId}                                       401  204  204  204  204  204  204  204
  PUT /blocks/{userId}                                          401  204  204  204  204  204  204  204
  GET /groups                                                   401  200  200  200  200  200  200  200
  POST /groups                                                  401  201  201  201  201  201  201  201
  DELETE /groups/{groupId}                                      401  403  403  403  403  403  403  204
  GET /groups/{groupId}                                         401  200  200  200  200  200  200  200
  PATCH /groups/{groupId}                                       401  403  403  403  403  403  200  200
  DELETE /groups/{groupId}/avatar                               401  403  403  403  403  403  204  204
  PUT /groups/{groupId}/avatar                                  401  403  403  403  403  403  200  200
  GET /groups/{groupId}/invites                                 401  403  403  403  403  403  200  200
  POST /groups/{groupId}/invites                                401  403  403  403  403  403  201  201
  DELETE /groups/{groupId}/invites/{inviteId}                   401  403  403  403  403  403  204  204
  GET /groups/{groupId}/members                                 401  404  404  404  200  200  200  200
  POST /groups/{groupId}/members                                401  403  403  403  403  403  200  200
  PUT /groups/{groupId}/members/me                              401  202  202  202  200  200  200  200
  DELETE /groups/{groupId}/members/{userId}                     401  403  403  403  403  403  204  204
  PATCH /groups/{groupId}/members/{userId}                      401  403  403  403  403  403  200  200
  GET /groups/{groupId}/requests                                401  403  403  403  403  403  200  200
  POST /groups/{groupId}/requests/{userId}/accept               401  403  403  403  403  403  200  200
  POST /groups/{groupId}/requests/{userId}/decline              401  403  403  403  403  403  204  204
  GET /invites/{token}                                          401  200  200  200  200  200  200  200
  POST /invites/{token}/accept                                  401  200  200  200  200  200  200  200
  GET /conversations                                            401  200  200  200  200  200  200  200
  GET /conversations/{conversationId}                           401  404  404  404  200  200  200  200
  PATCH /conversations/{conversationId}                         401  404  404  404  200  200  200  200
  GET /conversations/{conversationId}/messages                  401  404  404  404  200  200  200  200
  DELETE /conversations/{conversationId}/messages/{messageId}   401  404  404  404  204  204  204  204
  GET /conversations/{conversationId}/pins                      401  404  404  404  200  200  200  200
  PUT /conversations/{conversationId}/read                      401  404  404  404  204  204  204  204
  GET /conversations/{conversationId}/reads                     401  404  404  404  200  200  200  200
  GET /search/messages                                          401  200  200  200  200  200  200  200
  POST /messages                                                401  404  404  404  202  403  202  202
  POST /operations                                              401  202  202  202  202  202  202  202
  POST /sync                                                    401  200  200  200  200  200  200  200
  POST /connect                                                 401  201  201  201  201  201  201  201
  POST /files                                                   401  201  201  201  201  201  201  201
  POST /images                                                  401  201  201  201  201  201  201  201
  POST /voice                                                   401  415  415  415  415  415  415  415
  GET /media/{mediaId}                                          200  200  200  200  200  200  200  200
  GET /docs                                                     200  200  200  200  200  200  200  200
  GET /health                                                   200  200  200  200  200  200  200  200
  GET /openapi.json                                             200  200  200  200  200  200  200  200
  GET /socket.schema.json                                       200  200  200  200  200  200  200  200
`);

/** The status of every operation and signal; 202 is accepted. */
export const OPERATION_ROWS = rows(`
  send in the group                                             401  404  404  404  202  403  202  202
  send to the owner                                             401  403  403  202  403  403  403  202
  send with a mention of all                                    401  404  404  404  403  403  202  202
  send with a reply                                             401  404  404  404  202  403  202  202
  forward from the group                                        401  403  403  404  403  403  403  202
  edit one's own                                                401  404  404  404  202  403  202  202
  edit another's                                                401  404  404  404  403  403  403  403
  recall one's own                                              401  404  404  404  202  403  202  202
  recall another's                                              401  404  404  404  403  403  202  202
  react                                                         401  404  404  404  202  403  202  202
  pin                                                           401  404  404  404  403  403  202  202
  read                                                          401  404  404  404  202  202  202  202
  typing                                                        401  404  404  404  202  403  202  202
`);

/** The rows of a table: a name, and a status for each caller in the order of `CALLERS`. */
function rows(table: string): Row[] {
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const cells = line.trim().split(/\s{2,}/);
      const [name = "", ...statuses] = cells;
      if (statuses.length !== CALLERS.length) throw new Error(`the row ${name} has not all columns`);
      const expected = Object.fromEntries(CALLERS.map((caller, index) => [caller, Number(statuses[index])]));
      return { name, expected: expected as Record<Caller, number> };
    });
}
