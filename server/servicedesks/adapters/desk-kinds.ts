/** Every kind of client's desk there is. */
import type { Desks } from '../desk-adapter.ts'
import { genericDesk } from './generic-desk.ts'
import { glpiDesk } from './glpi-desk.ts'
import { jiraDesk } from './jira-desk.ts'
import { serviceNowDesk } from './servicenow-desk.ts'
import { zammadDesk } from './zammad-desk.ts'

/** By the word a link names it with. */
export const DESK_KINDS: Desks['kinds'] = {
  jira: jiraDesk,
  servicenow: serviceNowDesk,
  zammad: zammadDesk,
  glpi: glpiDesk,
  generic: genericDesk,
}
