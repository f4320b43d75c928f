import type { UiPerson } from '../../protocol.ts';
import { Avatar } from './Avatar.tsx';

interface TopBarProps {
  readonly people: readonly UiPerson[];
  readonly me: string;
  readonly onSwitch: (person: string) => void;
}

/** Says what this page is, and lets the reader be another person. */
export function TopBar({ people, me, onSwitch }: TopBarProps) {
  return (
    <header className="top-bar">
      <p className="banner" role="note">
        <b>Local stand-in,</b> not Slack
      </p>
      <fieldset className="switch" aria-label="Person">
        <span className="switch-label">You are</span>
        {people
          .filter((person) => !person.bot)
          .map((person) => (
            <button
              key={person.id}
              type="button"
              aria-pressed={person.id === me}
              data-person={person.id}
              title={`See the workspace as ${person.name} (${person.title})`}
              onClick={() => onSwitch(person.id)}
            >
              <Avatar person={person} size="small" />
              {person.name}
            </button>
          ))}
      </fieldset>
    </header>
  );
}
