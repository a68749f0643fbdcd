import { afterEach, expect, it, vi } from "vitest";
import { callServer } from "./http.ts";
import { ApiProblem, formProblem, refusalOf } from "./problem.ts";

afterEach(() => vi.unstubAllGlobals());

const document = {
  type: "about:blank",
  title: "Too many requests",
  status: 429,
  detail: "",
  code: "rate_limited",
};

it("takes a refusal of a busy server for one that passes, with its wait in ms", () => {
  const expected = { problem: "Too many requests", busy: true, retryAfter: 3_000 };
  expect(refusalOf({ problem: document, retryAfter: 3 })).toEqual(expected);
  expect(refusalOf({ problem: { ...document, retryAfter: 3 } })).toEqual(expected);
});

it("takes any other refusal for final, with its reason", () => {
  const problem = { ...document, status: 403, code: "not_friends", detail: "Only friends may write" };
  expect(refusalOf({ problem })).toEqual({ problem: "Only friends may write", busy: false, retryAfter: 0 });
});

it("reads an error with a code that it does not know", async () => {
  const response = Response.json(document, { status: 429, headers: { "Retry-After": "7" } });
  expect(await ApiProblem.from(response)).toMatchObject({ code: "rate_limited", retryAfter: 7_000 });
});

it("sorts errors to the fields of a form, the first of each", () => {
  const errors = [
    { path: "username", message: "must have 2 to 32 characters" },
    { path: "username", message: "may hold letters only" },
    { path: "password", message: "must have 8 to 128 characters" },
  ];
  const problem = new ApiProblem({ status: 400, code: "invalid_request", message: "bad", errors });
  expect(formProblem(problem, ["username", "password"])).toEqual({
    fields: { username: "Must have 2 to 32 characters", password: "Must have 8 to 128 characters" },
    general: null,
  });
  expect(formProblem(problem, [])).toEqual({ fields: {}, general: "bad" });
});

it("shows beside its field that a name is taken, and what is about no field in general", () => {
  const taken = new ApiProblem({ status: 409, code: "username_taken", message: "Taken" });
  expect(formProblem(taken, ["username"])).toEqual({ fields: { username: "Taken" }, general: null });
  const wrong = new ApiProblem({ status: 401, code: "bad_credentials", message: "Wrong" });
  expect(formProblem(wrong, ["username"])).toEqual({ fields: {}, general: "Wrong" });
});

it("fails with a problem when the connection breaks within a response", async () => {
  const broken = new ReadableStream({ start: (stream) => stream.error(new TypeError("terminated")) });
  vi.stubGlobal("fetch", async () => new Response(broken));
  await expect(callServer({ method: "GET", path: "/users/me" })).rejects.toMatchObject({ code: "network" });
});
