import type { UiPerson } from '../../protocol.ts';

interface AvatarProps {
  readonly person: UiPerson | undefined;
  readonly size: 'small' | 'large';
}

function initials(name: string): string {
  const parts = name.split(/[\s_-]+/).filter((part) => part !== '');
  const second = parts[1];
  return `${parts[0]?.[0] ?? '?'}${second === undefined ? '' : second[0]}`.toUpperCase();
}

/** A coloured square with initials; apps carry the two keys. Decoration only, the name always stands beside it. */
export function Avatar({ person, size }: AvatarProps) {
  const color = (person?.color ?? '64748b').replace(/^#?/, '#');
  return (
    <span className={`avatar avatar-${size}`} style={{ background: color }} aria-hidden="true">
      {person?.bot ? (
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <g fill="none" strokeWidth="2.6" strokeLinecap="round">
            <path stroke="#7fd1c0" d="M11 14v12m0-4h4" />
            <circle stroke="#7fd1c0" cx="11" cy="10" r="4" />
            <path stroke="#f2b661" d="M22 14v12m0-4h4" />
            <circle stroke="#f2b661" cx="22" cy="10" r="4" />
          </g>
        </svg>
      ) : (
        initials(person?.name ?? '?')
      )}
    </span>
  );
}
