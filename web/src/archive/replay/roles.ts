import type { Person } from '../model';

/** The key of what somebody was in the session: 申请人 says more than 当事人. */
export function roleOf(person: Pick<Person, 'role' | 'standing'>): string {
  return person.standing === null ? `role.${person.role}` : `standing.${person.standing}`;
}
