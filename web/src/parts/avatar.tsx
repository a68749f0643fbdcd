import { useState } from "react";

const HUES = 8;

/**
 * A person's or group's avatar, with a dot when online: their picture or, without one that can be loaded, the first letter
 * of the name on a colour of its own.
 */
export function Avatar(props: { id: string; name: string; url: string | null; online?: boolean }) {
  const { url } = props;
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <span className="avatar" data-hue={hueOf(props.id)} data-online={props.online} aria-hidden="true">
      {url !== null && url !== broken ? (
        <img src={`${url}?w=320`} width={40} height={40} alt="" onError={() => setBroken(url)} />
      ) : (
        ([...props.name][0]?.toUpperCase() ?? "?")
      )}
    </span>
  );
}

/** Uses all digits: the low bits of ids made in a quiet millisecond are equal. */
function hueOf(id: string): number {
  return [...id].reduce((sum, digit) => (sum * 31 + digit.charCodeAt(0)) % 65_536, 7) % HUES;
}
