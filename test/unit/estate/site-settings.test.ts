import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changeInWords,
  checkChanges,
  diffSettings,
  needsRedeploy,
  shownSetting,
  touchesAdvanced,
  withChanges,
} from '../../../src/estate/site-settings.ts';
import { settingsProfile } from '../../support/settings.ts';

const profile = settingsProfile();
const keys = ['title', 'smtp_host', 'greeting', 'workers', '__proto__', 'constructor'];
const documents = fc
  .array(fc.tuple(fc.constantFrom(...keys), fc.constantFrom('a', 'b', '')), { maxLength: 8 })
  .map((entries) => Object.fromEntries(entries));
const allowed = { advanced: true, secrets: new Set(['mail-password']) };

describe('R17 settings of a site', () => {
  it('a difference leads from one document to the other, and back again', () => {
    fc.assert(
      fc.property(documents, documents, (before, after) => {
        const changes = diffSettings(before, after);
        expect(diffSettings(withChanges(before, changes), after)).toEqual([]);
        const back = changes.map((one) => ({ ...one, before: one.after, after: one.before }));
        expect(diffSettings(withChanges(after, back), before)).toEqual([]);
        expect(diffSettings(before, before)).toEqual([]);
      }),
    );
  });

  it('a redeploy is needed when what needs it is another value, and only then', () => {
    expect(needsRedeploy(profile, {}, { title: 'New' })).toBe(true);
    expect(needsRedeploy(profile, {}, { greeting: 'Hi' })).toBe(false);
    expect(needsRedeploy(profile, {}, { title: 'Acme' })).toBe(false);
    expect(needsRedeploy(profile, { title: 'Acme' }, {})).toBe(false);
    expect(needsRedeploy(profile, { title: 'Old' }, { title: 'Old', greeting: 'Hi' })).toBe(false);
    expect(needsRedeploy(profile, { gone: 'x' }, {})).toBe(true);
    fc.assert(fc.property(documents, (document) => !needsRedeploy(profile, document, document)));
  });

  it('R18 an advanced setting takes --advanced, however it is changed', () => {
    const wish = { advanced: false, secrets: new Set<string>() };
    const changes: [Record<string, string>, Record<string, string>][] = [
      [{}, { workers: '8' }],
      [{ workers: '8' }, {}],
      [{ workers: '8' }, { workers: '9' }],
    ];
    for (const [from, to] of changes) {
      const refused = checkChanges(profile, from, to, wish);
      expect(refused.ok ? '' : refused.error.next).toContain('--advanced');
      expect(checkChanges(profile, from, to, allowed).ok).toBe(true);
      expect(touchesAdvanced(profile, diffSettings(from, to))).toBe(true);
    }
    expect(touchesAdvanced(profile, diffSettings({}, { title: 'x' }))).toBe(false);
  });

  it('P8 of a secret only the name of a file that is there is taken, and nothing of it is said', () => {
    for (const value of ['hunter2', 'correct horse', '../etc/passwd', 'mail-password2']) {
      const refused = checkChanges(profile, {}, { smtp_password: value }, allowed);
      const words = refused.ok ? value : `${refused.error.message} ${refused.error.next}`;
      expect(words).toContain('secrets');
      expect(words).not.toContain(value);
    }
    expect(checkChanges(profile, {}, { smtp_password: 'mail-password' }, allowed).ok).toBe(true);
    expect(shownSetting(profile, 'smtp_password', 'mail-password')).toBe('secret, set');
    const swapped = { key: 'smtp_password', before: 'old-one', after: 'mail-password' };
    expect(changeInWords(profile, swapped)).toBe('smtp_password: secret, set → another secret');
  });

  it('what the profile no longer knows or takes is not stored again, and nothing is changed for nothing', () => {
    const say = (from: Record<string, string>, to: Record<string, string>) => {
      const checked = checkChanges(profile, from, to, allowed);
      return checked.ok ? 'ok' : checked.error.message;
    };
    expect(say({}, { gone: 'x' })).toContain('has no setting "gone"');
    expect(say({ gone: 'x' }, {})).toBe('ok');
    expect(say({}, { workers: '65' })).toContain('from 1 up to 64');
    expect(say({ title: 'x' }, { title: 'x' })).toContain('how it is stored already');
  });
});
