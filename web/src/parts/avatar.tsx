const HUES = 8;

/** A person's or group's avatar: the first letter of the name on a colour of its own, with a dot when online. */
export function Avatar(props: { id: string; name: string; online?: boolean }) {
  return (
    <span className="avatar" data-hue={hueOf(props.id)} data-online={props.online} aria-hidden="true">
      {[...props.name][0]?.toUpperCase() ?? "?"}
    </span>
  );
}

/** Uses all digits: the low bits of ids made in a quiet millisecond are equal. */
function hueOf(id: string): number {
  return [...id].reduce((sum, digit) => (sum * 31 + digit.charCodeAt(0)) % 65_536, 7) % HUES;
}
