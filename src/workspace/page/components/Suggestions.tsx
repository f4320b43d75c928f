import type { Suggestion } from './completion.ts';

interface SuggestionsProps {
  readonly id: string;
  readonly suggestions: readonly Suggestion[];
  readonly active: number;
  readonly onTake: (index: number) => void;
}

/** The list above the composer; the composer keeps the focus and moves the active row. */
export function Suggestions({ id, suggestions, active, onTake }: SuggestionsProps) {
  return (
    <div className="suggestions" role="listbox" id={id} aria-label="Commands">
      {suggestions.map((one, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard is handled by the composer, which keeps the focus
        <div
          key={one.label}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(index)}
        >
          <code>{one.label}</code>
          {one.note !== '' && <span className="faint">{one.note}</span>}
        </div>
      ))}
      <p className="faint">Tab completes, Enter sends</p>
    </div>
  );
}
