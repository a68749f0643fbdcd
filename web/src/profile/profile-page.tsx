import { useState } from "react";
import { useClient, useStore } from "../app/client-context.tsx";
import { useAction } from "../app/use-action.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Field } from "../parts/field.tsx";
import { PickImage } from "../parts/pick-image.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";

const FIELDS = ["displayName", "username"] as const;

/** The person's own picture and names, and logging out. */
export function ProfilePage() {
  const client = useClient();
  const me = useStore((state) => state.me);
  const [displayName, setDisplayName] = useState(me.displayName);
  const [username, setUsername] = useState(me.username);
  const save = useAction(async () => {
    await client.changeProfile({ displayName: displayName.trim(), username: username.trim() });
  }, FIELDS);
  const picture = useAction((image: Blob) => client.changeAvatar(image));
  const logOut = useAction(() => client.logOut());
  const isSaved = displayName.trim() === me.displayName && username.trim() === me.username;
  return (
    <div className="page">
      <h1>Profile</h1>
      <div className="row">
        <Avatar id={me.id} name={me.displayName} url={me.avatarUrl} />
        <PickImage
          label={picture.pending ? "Uploading…" : "Change picture"}
          disabled={picture.pending}
          pick={picture.run}
        />
        <ProblemNote problem={picture.problem} />
      </div>
      <form
        className="stack"
        aria-label="Profile"
        onSubmit={(event) => {
          event.preventDefault();
          save.run();
        }}
      >
        <Field
          label="Display name"
          value={displayName}
          required
          autoComplete="name"
          problem={save.fields.displayName}
          onChange={(event) => setDisplayName(event.target.value)}
        />
        <Field
          label="Username"
          value={username}
          required
          autoComplete="username"
          autoCapitalize="none"
          problem={save.fields.username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <ProblemNote problem={save.problem ?? logOut.problem} />
        <div className="buttons">
          <button type="submit" className="primary" disabled={save.pending || isSaved}>
            Save
          </button>
          <button type="button" disabled={logOut.pending} onClick={() => logOut.run()}>
            Log out
          </button>
        </div>
      </form>
    </div>
  );
}
