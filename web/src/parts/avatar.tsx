const HUES = 8;

/** A person's or group's sign: the first letter of the name on a colour of its own, with a dot for who is online. */
export function Avatar(props: { id: string; name: string; online?: boolean }) {
  return (
    <span className="avatar" data-hue={hueOf(props.id)} data-online={props.online} aria-hidden="true">
      {[...props.name][0]?.toUpperCase() ?? "?"}
    </span>
  );
}

/** The low bits of ids made in one quiet millisecond are alike: all digits count. */
function hueOf(id: string): number {
  return [...id].reduce((sum, digit) => (sum * 31 + digit.charCodeAt(0)) % 65_536, 7) % HUES;
}
