import { useCallback, useMemo, useState } from "react";
import type { User } from "../../../schema/wire/user.ts";
import { useClient, useStore } from "../app/client-context.tsx";
import { useAction } from "../app/use-action.ts";
import { useSearch } from "../app/use-search.ts";
import { Friendships } from "../client/friendships.ts";
import { Field } from "../parts/field.tsx";
import { Person } from "../parts/person.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";

const NOTE_LENGTH = 200;

/** Search among all people, and send friend requests. */
export function FindPeople() {
  const client = useClient();
  const me = useStore((state) => state.me);
  const [query, setQuery] = useState("");
  const [note, setNote] = useState("");
  const find = useCallback(
    (words: string, signal: AbortSignal) => client.api.findPeople(words, signal),
    [client],
  );
  const { items, problem } = useSearch(query, find);
  const others = useMemo(() => items?.filter(({ id }) => id !== me.id), [items, me.id]);
  return (
    <section className="stack">
      <Field
        label="Find people"
        type="search"
        value={query}
        placeholder="Name or username"
        autoCapitalize="none"
        onChange={(event) => setQuery(event.target.value)}
      />
      {others !== undefined && others.length > 0 && (
        <Field
          label="Note"
          value={note}
          maxLength={NOTE_LENGTH}
          placeholder="Goes with your request; may stay empty"
          onChange={(event) => setNote(event.target.value)}
        />
      )}
      <ProblemNote problem={problem} />
      <ul className="rows" aria-live="polite">
        {others?.map((user) => (
          <FoundPerson key={user.id} user={user} note={note.trim()} />
        ))}
      </ul>
      {others?.length === 0 && <p className="empty">Nobody found</p>}
    </section>
  );
}

function FoundPerson({ user, note }: { user: User; note: string }) {
  const client = useClient();
  const friends = useStore((state) => state.friends);
  const incoming = useStore((state) => state.incoming);
  const outgoing = useStore((state) => state.outgoing);
  const ask = useAction(() => new Friendships(client).request(user.id, note));
  const known = friends.has(user.id)
    ? "Friend"
    : [...outgoing.values()].some(({ to }) => to.id === user.id)
      ? "Asked"
      : [...incoming.values()].some(({ from }) => from.id === user.id)
        ? "Asks you"
        : null;
  return (
    <Person user={user} {...(known !== null && { detail: known })}>
      {known === null && (
        <button type="button" disabled={ask.pending} onClick={() => ask.run()}>
          Add friend
        </button>
      )}
      <ProblemNote problem={ask.problem} />
    </Person>
  );
}
