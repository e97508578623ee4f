/** An address the console does not know. */
import { IconMapOff } from '@tabler/icons-react'
import { useDocumentTitle } from '@mantine/hooks'
import { LinkButton } from '../components/link-button.tsx'
import { NothingHere } from '../components/nothing-here.tsx'

/** 404, with the way back. */
export function NotFoundPage() {
  useDocumentTitle('Not found · Kioskeeper')
  return (
    <NothingHere icon={<IconMapOff />} title="There is no such page" action={<LinkButton to="/">Go to the first page</LinkButton>}>
      The address may be mistyped, or the thing it led to was removed.
    </NothingHere>
  )
}
