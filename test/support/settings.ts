import type { Profile } from '../../src/estate/profile.ts';
import { findProfile, loadProfiles } from '../../src/estate/profile-load.ts';
import { profileHome } from './profile-home.ts';

/** A profile with a setting of every sort; the scenario's site and the unit tests use the same. */
export const SETTINGS_PROFILE = `
name: acme-app
title: An application with settings
extends: script
layout: { release_dir: "{site_dir}/release" }
settings:
  title: { type: text, default: Acme, description: What the pages are headed with. }
  smtp_host: { type: host, description: Host that takes mail. }
  greeting: { type: text, default: Hello, needs_redeploy: false, description: What a visitor reads first. }
  workers: { type: integer, min: 1, max: 64, default: "4", advanced: true, description: Processes of the application. }
  smtp_password: { type: text, secret: true, description: Password of the mail account. }
releases:
  - { product: acme-app, pattern: '^acme-app-(\\d+\\.\\d+\\.\\d+)\\.tar(?:\\.gz)?$' }
`;

/** That profile, read as Twokey reads it. */
export function settingsProfile(): Profile {
  using its = profileHome({ 'acme-app.yml': SETTINGS_PROFILE });
  const found = findProfile(loadProfiles(its.home), 'acme-app');
  if (!found.ok) throw new Error(found.error.message);
  return found.value.profile;
}
