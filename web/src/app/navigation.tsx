import { Badge } from "../parts/badge.tsx";
import { SECTIONS, type Section, sectionHref } from "./route.ts";

const NAMES: Record<Section, string> = {
  chats: "Chats",
  friends: "Friends",
  groups: "Groups",
  profile: "Profile",
};

/** Links to the sections, with the number of unread messages or open requests there. */
export function Navigation(props: { section: Section; badges: Partial<Record<Section, number>> }) {
  return (
    <nav className="shell-nav" aria-label="Sections">
      {SECTIONS.map((section) => (
        <a
          key={section}
          href={sectionHref(section)}
          aria-label={NAMES[section]}
          aria-current={section === props.section ? "page" : undefined}
        >
          {NAMES[section]}
          <Badge count={props.badges[section] ?? 0} />
        </a>
      ))}
    </nav>
  );
}
