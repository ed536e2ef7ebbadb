// What a page needs to come back to its seat after a reload.

export interface Ticket {
  endpoint: string;
  key: string;
  epoch: string;
  last: number;
  /** Another endpoint took the seat: only the person's own act may take it back. */
  replaced: boolean;
}

export interface TicketStore {
  load(): Ticket | null;
  save(ticket: Ticket): void;
  clear(): void;
}

/** A store over one key of a Storage (the tab's own); what cannot be read counts as nothing. */
export function ticketStore(storage: Storage, key: string): TicketStore {
  return {
    load: () => {
      try {
        const found = JSON.parse(storage.getItem(key) ?? 'null') as Ticket | null;
        return found && typeof found.endpoint === 'string' && typeof found.last === 'number' ? found : null;
      } catch {
        return null;
      }
    },
    save: (ticket) => storage.setItem(key, JSON.stringify(ticket)),
    clear: () => storage.removeItem(key),
  };
}
