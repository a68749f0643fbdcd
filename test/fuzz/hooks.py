"""Hooks of schemathesis: a signed-in person with friends, groups and messages, whose ids take the place of random ones.

Random ids exist nowhere, so without these hooks nearly every response would be 404.
"""

import json
import os
import random
import re
import time
from base64 import b64decode
from uuid import uuid4

import requests
import schemathesis
from hypothesis import strategies

API = os.environ["FUZZ_API"]
PASSWORD = "correct horse battery"
# Media types, each with a file of it in base64.
SAMPLES = {name: b64decode(sample) for name, sample in json.loads(os.environ["FUZZ_SAMPLES"]).items()}
# So many requests are made in one world: what they leave, block and delete is there again in the next one.
REQUESTS_PER_WORLD = 200
# The requests that end sessions are made by a person of their own.
ENDING = re.compile("/auth/(logout|sessions)|/users/me(/password)?$")
# The other names under which the fields of bodies and queries hold an id.
KINDS = {
    "conversation": "conversationId",
    "replyTo": "messageId",
    "senderId": "userId",
    "memberIds": "userId",
    "userIds": "userId",
    "mentions": "userId",
    "current": "password",
}


def broken(sample, start, junk):
    return sample[:start] + junk + sample[start + len(junk):]


for name, sample in SAMPLES.items():
    changes = strategies.integers(0, len(sample)), strategies.binary(max_size=8)
    files = strategies.one_of(
        strategies.just(sample),
        strategies.builds(broken, strategies.just(sample), *changes),
        strategies.binary(max_size=256),
    )
    schemathesis.openapi.media_type(name, files)


def call(method, path, token=None, **body):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = requests.request(method, API + path, headers=headers, timeout=30, **body)
    response.raise_for_status()
    return response.json() if response.content else None


def register():
    body = {"username": f"fuzz-{uuid4().hex[:16]}", "password": PASSWORD}
    return call("POST", "/auth/register", json=body)


class World:
    """A person, the caller of the requests, and the ids that they know."""

    def __init__(self):
        me, friend, asking, stranger = (register() for _ in range(4))
        self.token = token = me["accessToken"]
        ids = {name: person["user"]["id"] for name, person in
               (("me", me), ("friend", friend), ("asking", asking), ("stranger", stranger))}

        asked = call("POST", "/friends/requests", token, json={"userId": ids["friend"]})
        call("POST", f"/friends/requests/{asked['id']}/accept", friend["accessToken"])
        open_request = call("POST", "/friends/requests", asking["accessToken"], json={"userId": ids["me"]})

        groups = [
            *(self.group(me, policy) for policy in ("open", "approval", "invite")),
            self.group(friend),
            self.group(stranger, "invite"),
        ]
        call("PUT", f"/groups/{groups[0]['id']}/members/me", friend["accessToken"])
        call("PUT", f"/groups/{groups[1]['id']}/members/me", asking["accessToken"])
        call("PUT", f"/groups/{groups[3]['id']}/members/me", token)
        invites = [call("POST", f"/groups/{group['id']}/invites", token, json={}) for group in groups[:2]]
        theirs = call("POST", f"/groups/{groups[4]['id']}/invites", stranger["accessToken"], json={})
        lower, higher = sorted((ids["me"], ids["friend"]), key=int)
        conversations = [f"dm:{lower}:{higher}", *(group["conversation"] for group in groups)]

        image = call("POST", "/images", token, data=SAMPLES["image/gif"])
        written = [conversations[0], conversations[1], conversations[4]]
        for conversation in written:
            self.send(conversation, {"type": "text", "text": "good morning"})
        self.send(conversations[0], image)
        self.ids = {
            "userId": list(ids.values()),
            "groupId": [group["id"] for group in groups],
            "conversationId": conversations,
            "messageId": [self.first_message(conversation) for conversation in written],
            "requestId": [open_request["id"]],
            "sessionId": [call("GET", "/auth/sessions", token)["items"][0]["id"]],
            "inviteId": [invite["id"] for invite in invites],
            "token": [invite["token"] for invite in (*invites, theirs)],
            "serverId": ["local"],
            "bucket": ["0"],
            "mediaId": [image["url"].rsplit("/", 1)[1]],
            "password": [PASSWORD],
        }
        self.requests = 0

    def group(self, owner, policy="open"):
        body = {"name": f"Group {uuid4().hex[:8]}", "joinPolicy": policy}
        return call("POST", "/groups", owner["accessToken"], json=body)

    def send(self, conversation, content):
        body = {"conversation": conversation, "clientId": str(uuid4()), "content": content}
        call("POST", "/messages", self.token, json=body)

    def first_message(self, conversation):
        """A message is in the history soon after it was accepted."""
        for _ in range(100):
            items = call("GET", f"/conversations/{conversation}/messages", self.token)["items"]
            found = [item["id"] for item in items if item["content"] and item["content"]["type"] == "text"]
            if found:
                return found[0]
            time.sleep(0.05)
        raise RuntimeError(f"{conversation} has no message")


def known(ids, name, value, chance):
    """The value with known ids in the place of most others, where its name says what they are."""
    if isinstance(value, dict):
        return {key: known(ids, key, part, chance) for key, part in value.items()}
    if isinstance(value, list):
        return [known(ids, name, part, chance) for part in value]
    choices = ids.get(KINDS.get(name, name))
    return chance.choice(choices) if isinstance(value, str) and choices and chance.random() < 0.8 else value


world = None


@schemathesis.hook
def before_call(context, case, kwargs):
    global world
    if world is None or world.requests >= REQUESTS_PER_WORLD:
        world = World()
    world.requests += 1
    token, ids = world.token, world.ids
    if case.method != "GET" and ENDING.search(case.path):
        token = register()["accessToken"]
        ids = ids | {"sessionId": [call("GET", "/auth/sessions", token)["items"][0]["id"]]}
    # The same case always gets the same ids of its world.
    chance = random.Random(repr((case.method, case.path, case.path_parameters, case.query, case.body)))
    if context.operation.definition.raw.get("security") and chance.random() < 0.95:
        case.headers["Authorization"] = f"Bearer {token}"
    for part in ("path_parameters", "query", "body"):
        value = getattr(case, part)
        if isinstance(value, (dict, list)):
            setattr(case, part, known(ids, "", value, chance))
