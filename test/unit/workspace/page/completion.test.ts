import { describe, expect, it } from 'vitest';
import { namesCommand, suggest, usageForms } from '../../../../src/workspace/page/components/completion.ts';

const COMMANDS = [
  { command: '/ops', usage: 'status [site] | backup <site> | help', description: 'Operate' },
  { command: '/ops-emergency', usage: '<site> <reason>', description: 'Break the glass' },
];
const labels = (text: string) => suggest(text, COMMANDS).map((one) => one.label);

describe('usageForms', () => {
  it('divides at bars outside brackets only', () => {
    expect(usageForms('a <x|y> | b [c|d]')).toEqual(['a <x|y>', 'b [c|d]']);
    expect(usageForms('[a|b]')).toEqual(['a', 'b']);
    expect(usageForms('')).toEqual([]);
  });
});

describe('suggest', () => {
  it('offers commands, then the forms of the one that stands there', () => {
    expect(labels('/o')).toHaveLength(2);
    expect(labels('/ops ')).toEqual(['/ops status [site]', '/ops backup <site>', '/ops help']);
    expect(labels('/ops b')).toEqual(['/ops backup <site>']);
    expect(labels('/ops backup prod')).toEqual(['/ops backup <site>']);
  });

  it('inserts the words of a form without its placeholders', () => {
    expect(suggest('/ops b', COMMANDS)[0]?.insert).toBe('/ops backup ');
  });

  it('offers nothing for ordinary text', () => {
    expect(labels('hello')).toEqual([]);
  });
});

describe('namesCommand', () => {
  it('is true once a whole command stands at the start', () => {
    expect(namesCommand('/op', COMMANDS)).toBe(false);
    expect(namesCommand('/ops', COMMANDS)).toBe(true);
    expect(namesCommand('/ops x', COMMANDS)).toBe(true);
  });
});
