import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { personNames } from "../../lib/names.ts";
import { gramsOf, searchText } from "../../lib/search-grams.ts";
import { users } from "../../schema/tables/users.ts";
import { UserId } from "../../schema/wire/ids.ts";
import type { Page } from "../../schema/wire/page.ts";
import type { User } from "../../schema/wire/user.ts";
import { applyMigrations, overHttp } from "../../scripts/system/migrations.ts";
import { searchPeople } from "../../workers/api/search.ts";
import { Client } from "../harness/client.ts";
import { useSystem } from "../harness/use-system.ts";
import { readPages } from "./pages.ts";
import { expectProblem } from "./problem.ts";

const system = useSystem({ env: { PASSWORD_COST: "1024", CRON_SECONDS: "86400" } });

describe("people", () => {
  it("are found by a part of either name, the exact match first", async () => {
    const tag = randomUUID().slice(0, 8);
    const [exact, longer, shown] = await Promise.all([
      Client.register(system().url, { username: tag }),
      Client.register(system().url, { username: `${tag}-longer` }),
      Client.register(system().url, { username: `a-${randomUUID().slice(0, 8)}` }),
    ]);
    const displayName = `Ünlü ${tag}`;
    await shown.do("PATCH", "/users/me", { displayName });
    const found = async (query: string, limit = 10) =>
      (await readPages<User>(exact, `/users?query=${encodeURIComponent(query)}`, limit)).flat();
    expect(await found(tag.toUpperCase())).toEqual([exact.user, longer.user, { ...shown.user, displayName }]);
    expect(await found(tag, 1)).toEqual(await found(tag));
    expect(await found(`ÜNLÜ ${tag}`)).toEqual([{ ...shown.user, displayName }]);
    expect(await found(`${tag}%`)).toEqual([]);
    expect(await found("%_%")).toEqual([]);
  });

  it("are found by any two consecutive characters, or by the first one of a word", async () => {
    const [wei, ming, strasse] = await Promise.all([
      Client.register(system().url, { username: "王伟" }),
      Client.register(system().url, { username: "王小明" }),
      Client.register(system().url, { username: "u-ẞtrasse" }),
    ]);
    await strasse.do("PATCH", "/users/me", { displayName: "Große 𠮷😀" });
    const found = async (query: string) =>
      (await readPages<User>(wei, `/users?query=${encodeURIComponent(query)}`, 1)).flat().map(({ id }) => id);
    expect(await found("王伟")).toEqual([wei.user.id]);
    expect((await found("王")).sort()).toEqual([wei.user.id, ming.user.id].sort());
    expect(await found("小明")).toEqual([ming.user.id]);
    expect(await found("明")).toEqual([ming.user.id]);
    expect(await found("明小")).toEqual([]);
    for (const query of ["ß", "SS", "ẞtras", "große", "GROSSE  𠮷", "𠮷", "😀", "-ss"]) {
      expect([query, await found(query)]).toEqual([query, [strasse.user.id]]);
    }
    // Both names contain "e" and "g", but neither contains "e g".
    expect(await found("e g")).toEqual([]);
  });

  it("are found by their current names after changes from several devices", async () => {
    const [tag, old] = [randomUUID().slice(0, 8), randomUUID().slice(0, 8)];
    const client = await Client.register(system().url, { username: `n-${old}` });
    await Promise.all([
      client.do("PATCH", "/users/me", { username: `new-${tag}` }),
      client.do("PATCH", "/users/me", { displayName: `Neu ${tag}` }),
    ]);
    const me = { ...client.user, username: `new-${tag}`, displayName: `Neu ${tag}` };
    for (const query of [`new-${tag}`, `neu ${tag}`]) {
      expect((await client.do<Page<User>>("GET", `/users?query=${query}`)).items).toEqual([me]);
    }
    expect((await client.do<Page<User>>("GET", `/users?query=${old}`)).items).toEqual([]);
  });

  it("who registered before the search index are found after the migrations", async () => {
    const tag = randomUUID().slice(0, 8);
    const client = await Client.register(system().url, { username: `straẞe-${tag}` });
    const group = await client.createGroup(`Gruẞ ${tag}`);
    const database = await system().database();
    // The rows as earlier versions stored them: folded differently, and without grams.
    await database.batch([
      database.execute(sql`UPDATE users SET username_folded = ${`straße-${tag}`}, search_text = '', search_grams = '{}'
        WHERE id = ${client.user.id}`),
      database.execute(
        sql`UPDATE groups SET name_folded = ${`gruß ${tag}`}, search_grams = '{}' WHERE id = ${group.id}`,
      ),
    ]);
    const found = async (kind: string, query: string) =>
      (await client.do<Page<unknown>>("GET", `/${kind}?query=${encodeURIComponent(query)}`)).items;
    expect(await found("users", `strasse-${tag}`)).toEqual([]);
    expect(await found("groups", `gruss ${tag}`)).toEqual([]);
    expect(await applyMigrations(overHttp(database))).toMatchObject({ applied: 0 });
    expect(await found("users", `strasse-${tag}`)).toEqual([client.user]);
    expect(await found("groups", `gruss ${tag}`)).toMatchObject([{ id: group.id }]);
    expect((await client.loginAgain()).user).toEqual(client.user);
  });

  it("are found through the index among 100,000", async () => {
    const database = await system().database();
    await database.execute(sql`
      INSERT INTO users (id, username, username_folded, display_name, search_text, search_grams, password_hash)
      SELECT 10000000 + n, name, name, first || second, name || E'\\n' || first || second,
             ARRAY[' ' || substr(name, 1, 1), substr(name, 1, 2), substr(name, 2, 2), substr(name, 3, 2),
                   substr(name, 4, 2), substr(name, 5, 2), substr(name, 6, 2), substr(name, 7, 2),
                   ' ' || first, first || second, ' ' || second], ''
        FROM (
          SELECT n, substr(md5(n::text), 1, 8) AS name,
                 chr(20000 + n % 500) AS first, chr(21000 + n * 7919 % 3000) AS second
            FROM generate_series(1, 100000) AS n
        ) AS person
      ON CONFLICT DO NOTHING`);
    await database.execute(sql`SELECT gin_clean_pending_list('users_search')`);
    await database.execute(sql`ANALYZE users`);
    const [row] = await database
      .select()
      .from(users)
      .where(eq(users.id, UserId.parse("10004711")));
    if (row === undefined) throw new Error("the people were inserted");
    const { username, displayName } = row;
    // The inserted rows are equal to what the API stores.
    expect(row.searchText).toBe(personNames(username, displayName).searchText);
    expect(new Set(row.searchGrams)).toEqual(new Set(gramsOf(row.searchText)));

    for (const query of [username, username.slice(2, 6), displayName, displayName.slice(1)]) {
      for (const after of [undefined, ["2", "7"] as const]) {
        const statement = searchPeople(database, searchText(query), 51, after).toSQL();
        const plan = await database.$client.query(`EXPLAIN ${statement.sql}`, statement.params);
        expect(JSON.stringify(plan)).toContain("Bitmap Index Scan on users_search");
        expect(JSON.stringify(plan)).not.toContain("Seq Scan");
      }
    }
    const client = await Client.register(system().url);
    const path = `/users?query=${username.slice(1, 7)}`;
    const { items } = await client.do<Page<User>>("GET", path);
    expect(items).toContainEqual({ id: row.id, username, displayName, avatarUrl: null });
  });

  it("are not listed without a query", async () => {
    const client = await Client.register(system().url);
    for (const path of ["/users", "/users?query=", "/users?query=%20", "/users?query=%00"]) {
      expectProblem(await client.ask("GET", path), "invalid_request");
    }
  });

  it("are listed by ids in one request, without those that do not exist", async () => {
    const [one, other, third] = await Client.registerMany(system().url, 3);
    if (!one || !other || !third) throw new Error("three were registered");
    const ids = (list: readonly string[]) => one.ask<Page<User>>("GET", `/users?ids=${list.join(",")}`);
    const asked = [third.user.id, "1000000000000", one.user.id, third.user.id];
    expect((await ids(asked)).body).toEqual({ items: [third.user, one.user], nextCursor: null });
    expect((await ids(["1000000000000"])).body).toEqual({ items: [], nextCursor: null });
    const many = Array.from({ length: 199 }, (_, index) => String(2_000_000_000_000 + index));
    const before = (await system().gatewayStats()).postgres.requests;
    expect((await ids([...many, other.user.id])).body.items).toEqual([other.user]);
    expect((await system().gatewayStats()).postgres.requests - before).toBe(1);
    for (const list of [[...many, "1", "2"], ["x"], [""], ["1", ""], ["9".repeat(19)]]) {
      const response = await ids(list);
      expectProblem(response, "invalid_request");
      expect(response.body).toMatchObject({ errors: [{ path: expect.stringMatching(/^ids/) }] });
    }
  });

  it("are listed either by a query or by ids: both or neither is refused", async () => {
    const client = await Client.register(system().url);
    for (const path of ["/users", "/users?query=ab&ids=1"]) {
      const response = await client.ask("GET", path);
      expectProblem(response, "invalid_request");
      expect(response.body).toMatchObject({
        errors: [{ path: "query", message: "either query or ids is required, not both" }],
      });
    }
  });

  it("are returned by id", async () => {
    const [one, other] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    expect(await one.do("GET", `/users/${other.user.id}`)).toEqual(other.user);
    for (const id of ["1", "0", "abc", "99999999999999999999"]) {
      expectProblem(await one.ask("GET", `/users/${id}`), "user_not_found");
    }
  });
});
