import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Debian's package puts it. */
const CHROMIUM = '/usr/bin/chromium';
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The page of the local workspace as it was built last. */
export const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url));
/** Pictures go here; set TWOKEY_PICTURES=docs/pictures to renew those of the README. */
const PICTURES = process.env.TWOKEY_PICTURES ?? fileURLToPath(new URL('../../.cache/pictures', import.meta.url));

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: QUIET });
}

/** A page of the local workspace, as one person sees it. */
export async function pageOf(browser: Browser, url: string, person: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${url}/?person=${person}&channel=C0OPS`);
  await page.getByTestId('app-state').getByText('App connected').waitFor();
  return page;
}

export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}
