import { newUuid } from '../kernel/ids.ts';

/** An upload that was announced and not completed yet. */
export interface Upload {
  readonly fileId: string;
  readonly filename: string;
  readonly length: number;
  received: boolean;
}

/** Announced uploads, by the secret part of their URL. */
export class Uploads {
  readonly #byTicket = new Map<string, Upload>();

  announce(fileId: string, filename: string, length: number): string {
    const ticket = newUuid();
    this.#byTicket.set(ticket, { fileId, filename, length, received: false });
    return ticket;
  }

  byTicket(ticket: string): Upload | undefined {
    return this.#byTicket.get(ticket);
  }

  /** The upload of this file, taken out, when its bytes have arrived. */
  complete(fileId: string): Upload | undefined {
    const found = [...this.#byTicket].find(([, upload]) => upload.fileId === fileId && upload.received);
    if (found === undefined) return undefined;
    this.#byTicket.delete(found[0]);
    return found[1];
  }
}
