import { dialogue } from './contract/command.ts';

export const command = dialogue({
  name: 'totp',
  summary: 'Enrol for codes: from then on each of your approvals asks for a code of your authenticator app.',
  roles: ['approver', 'operator'],
  opens: 'totp-enrol',
});
