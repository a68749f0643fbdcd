import { type SubmitEvent, useState } from "react";
import { UserId } from "../../../schema/wire/ids.ts";
import { useClient, useStore } from "../app/client-context.tsx";
import { openConversation } from "../app/route.ts";
import { useAction } from "../app/use-action.ts";
import { Groups } from "../client/groups.ts";
import { Field } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";

const NAME_LENGTH = 64;
const FIELDS = ["name"] as const;

/** A new group: its name, and the friends who are its first members. */
export function CreateGroup() {
  const client = useClient();
  const friends = useStore((state) => state.friends);
  const [name, setName] = useState("");
  const create = useAction(async (form: FormData) => {
    const memberIds = form.getAll("member").map((id) => UserId.parse(id));
    const group = await new Groups(client).create(name.trim(), memberIds);
    openConversation(group.conversation);
  }, FIELDS);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    create.run(new FormData(event.currentTarget));
  };
  return (
    <form className="stack" aria-labelledby="new-group" onSubmit={submit}>
      <h2 id="new-group">New group</h2>
      <Field
        label="Group name"
        value={name}
        required
        maxLength={NAME_LENGTH}
        problem={create.fields.name}
        onChange={(event) => setName(event.target.value)}
      />
      {friends.size > 0 && (
        <fieldset className="choices">
          <legend>Members</legend>
          {[...friends.values()].map(({ user }) => (
            <label key={user.id} className="choice">
              <input type="checkbox" name="member" value={user.id} />
              {user.displayName}
            </label>
          ))}
        </fieldset>
      )}
      <ProblemNote problem={create.problem} />
      <div className="buttons">
        <button type="submit" className="primary" disabled={create.pending || name.trim() === ""}>
          Create group
        </button>
      </div>
    </form>
  );
}
