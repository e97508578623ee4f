/** Tells a person that something was refused, with the server's own words. */
import { notifications } from '@mantine/notifications'
import { ApiProblem } from './api-client.ts'

const CLOSE = { 'aria-label': 'Close' }

/** A notification with the problem's title and detail; the same one is shown once, not piled up. */
export function showProblem(error: unknown, title?: string): void {
  const problem = error instanceof ApiProblem ? error : null
  const faults = problem?.faults.map(fault => `${fault.path.replace(/^body\/?/, '') || 'body'} ${fault.message}`) ?? []
  const detail = faults.length > 0 ? faults.join('; ') : error instanceof Error ? error.message : String(error)
  notifications.show({
    id: `${problem?.slug ?? 'error'}:${detail}`,
    color: 'red',
    title: title ?? problem?.title ?? 'That did not work',
    message: detail,
    autoClose: 8000,
    withBorder: true,
    closeButtonProps: CLOSE,
  })
}

/** A short confirmation. */
export function showDone(message: string): void {
  notifications.show({ color: 'teal', message, autoClose: 3500, withBorder: true, closeButtonProps: CLOSE })
}
