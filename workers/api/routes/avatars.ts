import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, eq, isNull } from "drizzle-orm";
import { Problem } from "../../../lib/problem.ts";
import { userColumn } from "../../../lib/views/user.ts";
import { users } from "../../../schema/tables/users.ts";
import { Group } from "../../../schema/wire/group.ts";
import { GroupId, type UserId } from "../../../schema/wire/ids.ts";
import { ImageMime, type MediaUrl } from "../../../schema/wire/media.ts";
import { User } from "../../../schema/wire/user.ts";
import type { Api, ApiHono } from "../context.ts";
import { granted } from "../granted.ts";
import { uploadImage } from "../media/upload.ts";
import { binaryBody, json, limitedRoute, route } from "../route.ts";

const GroupParams = z.object({ groupId: GroupId });
const description =
  "The body is an image as in `POST /images`. The one before is removed, unless a message still uses it.";

/** The pictures of people and groups. */
export const avatars = new OpenAPIHono<ApiHono>();

avatars.openapi(
  limitedRoute(
    "RATE_LIMIT_UPLOAD",
    {
      method: "put",
      path: "/users/me/avatar",
      tags: ["Accounts"],
      summary: "Change the caller's avatar",
      description,
      request: { body: binaryBody(ImageMime.options) },
      responses: { 200: json(User, "The changed user") },
    },
    "bad_image",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { url } = await uploadImage(api, caller.userId, context.req.raw);
    return context.json(await setAvatar(api, caller.userId, url), 200);
  },
);

avatars.openapi(
  route({
    method: "delete",
    path: "/users/me/avatar",
    tags: ["Accounts"],
    summary: "Remove the caller's avatar",
    responses: { 204: { description: "The caller has no avatar" } },
  }),
  async (context) => {
    const { api, caller } = context.var;
    await setAvatar(api, caller.userId, null);
    return context.body(null, 204);
  },
);

avatars.openapi(
  limitedRoute(
    "RATE_LIMIT_UPLOAD",
    {
      method: "put",
      path: "/groups/{groupId}/avatar",
      tags: ["Groups"],
      summary: "Change a group's avatar",
      description: `${description} Only the owner and admins may; members get \`group.updated\`.`,
      request: { params: GroupParams, body: binaryBody(ImageMime.options) },
      responses: { 200: json(Group, "The changed group") },
    },
    "bad_image",
    "group_not_found",
    "not_allowed",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId } = context.req.valid("param");
    // Who may not is refused before anything of theirs is stored.
    await changeGroup(api, caller.userId, groupId, {});
    const { url } = await uploadImage(api, caller.userId, context.req.raw);
    return context.json(await changeGroup(api, caller.userId, groupId, { avatarUrl: url }), 200);
  },
);

avatars.openapi(
  route(
    {
      method: "delete",
      path: "/groups/{groupId}/avatar",
      tags: ["Groups"],
      summary: "Remove a group's avatar",
      description: "Only the owner and admins may; members get `group.updated`.",
      request: { params: GroupParams },
      responses: { 204: { description: "The group has no avatar" } },
    },
    "group_not_found",
    "not_allowed",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId } = context.req.valid("param");
    await changeGroup(api, caller.userId, groupId, { avatarUrl: null });
    return context.body(null, 204);
  },
);

async function setAvatar({ database }: Api, userId: UserId, avatarUrl: MediaUrl | null): Promise<User> {
  const [changed] = await database
    .update(users)
    .set({ avatarUrl })
    .where(and(eq(users.id, userId), isNull(users.deletedAt)))
    .returning({ user: userColumn });
  if (changed === undefined) throw new Problem("unauthenticated");
  return changed.user;
}

/** Changes a group's avatar; with no change, only refuses who may not. */
async function changeGroup(
  { logic }: Api,
  userId: UserId,
  groupId: GroupId,
  change: { avatarUrl?: MediaUrl | null },
): Promise<Group> {
  return granted(await logic.groups.change(userId, groupId, change));
}
